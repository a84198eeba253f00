/** Pieces of HTML for notebooks and reports. All text is escaped here; all styles are inline or in STYLE, for pages stand alone. */
import { readFileSync } from 'node:fs';
import { projectPath } from '../base/project';
import type { Figure } from '../figures/figure';

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/**
 * A figure that draws itself once the library is in the page. Until then, and where no script runs, it shows its text.
 * The title stands above it as HTML, which wraps where Plotly's own would be cut off.
 */
export function figureHtml(figure: Figure): string {
  const { data, layout, alt } = figure;
  const specification = JSON.stringify({ data, layout }).replace(/</g, '\\u003c');
  const height = typeof layout.height === 'number' ? layout.height : 380;
  const drawing = [
    `<div class="plot-area" style="width:100%;min-height:${height}px">${escapeHtml(alt)} `,
    '(The figure is drawn when the cell with the settings, near the top, has run.)</div>',
    `<script type="application/json">${specification}</script>`,
  ].join('');
  const queue = '<script>(window.courseFigures=window.courseFigures||[]).push(document.currentScript.previousSibling);</script>';
  return framedFigureHtml(figure, 'plot', drawing, queue);
}

/** Title, drawing and reading; to a screen reader the drawing, whatever is in it, is an image with the figure's text. `after` follows the drawing. */
export function framedFigureHtml({ title, alt, reading }: Figure, kind: string, drawing: string, after = ''): string {
  return [
    `<figure class="${kind}" style="margin:1em 0;max-width:52em">`,
    `<figcaption style="font-weight:600;margin-bottom:.3em">${escapeHtml(title)}</figcaption>`,
    `<div role="img" aria-label="${escapeHtml(alt)}">${drawing}</div>${after}`,
    `<p class="reading" style="margin:.3em 0 0">${escapeHtml(reading)}</p></figure>`,
  ].join('');
}

/** Plotly itself and the drawing script, 1.2 MB: once a page. Both do nothing where they already are. */
export function plotlyLibraryHtml(): string {
  const library = readFileSync(plotlyFile(), 'utf8');
  const drawing = readFileSync(projectPath('notebooks', 'kernel', 'template', 'drawing.js'), 'utf8');
  return `<script data-plotly-library>if(!window.Plotly){${library}\n}\n${drawing}</script>`;
}

/** The basic bundle: scatter and bar traces, which is all that the figures use. */
export function plotlyFile(): string {
  return projectPath('node_modules', 'plotly.js-basic-dist-min', 'plotly-basic.min.js');
}

export type Cell = string | number;

/** A table: numbers to the right, with or without a unit, and with thousands grouped when whole. Text is escaped. */
export function tableHtml(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const numeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => isNumeric(row[index])));
  const align = (index: number) => (numeric[index] ? 'right' : 'left');
  const style = (index: number) => `text-align:${align(index)};padding:.25em .8em;font-variant-numeric:tabular-nums`;
  const head = columns
    .map((column, index) => (column ? `<th scope="col" style="${style(index)}">${escapeHtml(column)}</th>` : '<td></td>'))
    .join('');
  const body = rows.map((row) => `<tr>${row.map((cell, index) => `<td style="${style(index)}">${cellText(cell)}</td>`).join('')}</tr>`);
  return `<div style="overflow-x:auto" tabindex="0"><table style="border-collapse:collapse"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

function isNumeric(cell: Cell): boolean {
  return typeof cell === 'number' || /^([-−]?[\d,.]+( [^\d\s]+)?)?$/.test(cell);
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return escapeHtml(cell);
  return Number.isInteger(cell) ? cell.toLocaleString('en-US') : String(cell);
}

/** A remark that must not be overlooked, such as "These faces are drawn". */
export function noteHtml(text: string): string {
  const style = 'border-left:4px solid #d55e00;background:rgba(213,94,0,.1);padding:.6em 1em;margin:1em 0;max-width:52em';
  return `<aside role="note" style="${style}">${escapeHtml(text)}</aside>`;
}
