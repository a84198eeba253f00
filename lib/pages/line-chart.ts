/** A figure of lines as a small SVG without any script, for pages that do not carry Plotly. Its text takes the page's colour. */
import type { Layout, Plot } from 'nodeplotlib';
import type { Figure } from '../figures/figure';
import { escapeHtml, framedFigureHtml } from './html';

type Point = readonly [x: number, y: number];
type Title = { readonly text: string } | undefined;
/** Where the lines are, in the SVG's own units; the numbers of the axes stand around it, their titles above and below. */
const AREA = { left: 42, right: 412, top: 26, bottom: 206 } as const;
const DASHES: Readonly<Record<string, string>> = { solid: 'none', dash: '7 4', dot: '2 4' };

/** Draws traces of numbers over numbers, shapes as borders across, and annotations at the top. Both axes have a range. */
export function lineChartHtml(figure: Figure): string {
  const { xaxis, yaxis, shapes = [], annotations = [] } = figure.layout;
  const [across, up] = [scaleOf(xaxis, AREA.left, AREA.right), scaleOf(yaxis, AREA.bottom, AREA.top)];
  const inPercent = yaxis?.tickformat ? 100 : 1;
  const text = (words: string | number = '', x: number, y: number, anchor: string) =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapeHtml(String(words))}</text>`;
  const rule = (path: string) => `<path d="${path}" stroke="currentColor" stroke-opacity=".25"/>`;
  const parts = [
    text((yaxis?.title as Title)?.text, 0, 12, 'start'),
    text((xaxis?.title as Title)?.text, (AREA.left + AREA.right) / 2, 242, 'middle'),
    ...up.ticks.map((value) => rule(`M${AREA.left} ${up.at(value)}H${AREA.right}`)),
    ...up.ticks.map((value) => text(Math.round(inPercent * value * 1e3) / 1e3, AREA.left - 6, up.at(value) + 4, 'end')),
    ...across.ticks.filter(Number.isInteger).map((value) => text(value, across.at(value), AREA.bottom + 18, 'middle')),
    ...shapes.map(({ x0 }) => rule(`M${across.at(Number(x0))} ${AREA.top}V${AREA.bottom}`)),
    ...annotations.map(({ text: words, x, xshift = 0 }) => {
      return text(words, across.at(Number(x)) + xshift, AREA.top + 10, xshift < 0 ? 'end' : 'start');
    }),
    ...figure.data.map((trace) =>
      lineSvg(
        trace,
        pointsOf(trace).map(([x, y]) => [across.at(x), up.at(y)]),
      ),
    ),
  ]; // prettier-ignore
  const legend = figure.data.map((trace) => {
    const sample =
      lineSvg({ ...trace, mode: 'lines' }, [
        [1, 6],
        [33, 6],
      ]) + lineSvg(trace, [[17, 6]]);
    return `<li><svg width="34" height="12">${sample}</svg> ${escapeHtml(trace.name ?? '')}</li>`;
  }); // prettier-ignore
  const drawing = `<svg viewBox="0 0 420 250" fill="currentColor">${parts.join('')}</svg><ul>${legend.join('')}</ul>`;
  return framedFigureHtml(figure, 'line-chart', drawing);
}

/** A line through the points, and a marker on each where the trace has any. */
function lineSvg({ line, marker, mode }: Plot, points: readonly Point[]): string {
  const turned = ([x, y]: Point) => (marker?.symbol === 'diamond' ? `transform="rotate(45 ${x} ${y})"` : 'rx="3.5"');
  const markers = points.map((point) => `<rect x="${point[0] - 3.5}" y="${point[1] - 3.5}" width="7" height="7" ${turned(point)}/>`);
  const path = `<path d="M${points.join('L')}" fill="none" stroke="${line?.color}" stroke-width="2.2" stroke-dasharray="${DASHES[line?.dash ?? 'solid']}"/>`;
  return `<g fill="${line?.color}">${path}${mode?.includes('markers') ? markers.join('') : ''}</g>`;
}

function pointsOf({ x, y }: Plot): Point[] {
  return (x as number[]).map((value, index) => [value, (y as number[])[index]]);
}

/** Where the axis's numbers are, to a tenth, and eight round ones at most. */
function scaleOf(axis: Layout['xaxis'], from: number, to: number) {
  const [least, most] = (axis?.range ?? [0, 1]).map(Number);
  const power = 10 ** Math.floor(Math.log10((most - least) / 8));
  const step = power * ([1, 2, 5].find((factor) => (most - least) / (factor * power) <= 8) ?? 10);
  const first = Math.ceil(least / step);
  return {
    at: (value: number) => Math.round(10 * (from + ((value - least) / (most - least)) * (to - from))) / 10,
    ticks: Array.from({ length: Math.floor(most / step) - first + 1 }, (_, index) => (first + index) * step),
  };
}
