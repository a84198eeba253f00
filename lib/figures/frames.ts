/** How far an answer moves with the frame: small multiples, one for each way in which a frame can miss the face. */
import type { Layout, Plot } from 'nodeplotlib';
import { years } from '../base/text';
import { axis, BASELINE_STYLE, COLOURS, type Figure, figure, TRAINING_STYLE } from './figure';

/** Ages read from one face, its frame changed more and more in one way. */
export interface FrameCurve {
  /** "Turned". */
  readonly title: string;
  /** "°", "%". */
  readonly unit: string;
  /** 0 is the frame as it was found. */
  readonly amounts: readonly number[];
  readonly agesYears: readonly number[];
  /** What landmarks err by, in either direction. */
  readonly error: number;
}

const COLUMNS = 2;
/** Between the small figures, in parts of the whole: beside each other, and one above the other. */
const GAP = { beside: 0.1, above: 0.22 } as const;

/** The curves over one scale of ages; `answerYears` is what the predictor says of the face. */
export function frameSensitivityFigure(curves: readonly FrameCurve[], answerYears: number): Figure {
  const all = [answerYears, ...curves.flatMap(({ agesYears }) => agesYears)];
  const [low, high] = [Math.floor(Math.min(...all)) - 1, Math.ceil(Math.max(...all)) + 1];
  const rows = Math.ceil(curves.length / COLUMNS);
  const [width, height] = [(1 - GAP.beside * (COLUMNS - 1)) / COLUMNS, (1 - GAP.above * (rows - 1)) / rows];
  const axes: Record<string, Layout['xaxis']> = {};
  const data = curves.flatMap(({ title, unit, amounts, agesYears, error }, index): Plot[] => {
    const id = index === 0 ? '' : String(index + 1);
    const left = (index % COLUMNS) * (width + GAP.beside);
    const bottom = (rows - 1 - Math.floor(index / COLUMNS)) * (height + GAP.above);
    axes[`xaxis${id}`] = axis(`${title} (${unit})`, { domain: [left, left + width], anchor: `y${id}` as 'y' });
    axes[`yaxis${id}`] = axis(index % COLUMNS === 0 ? 'Age (years)' : '', {
      domain: [bottom, bottom + height],
      anchor: `x${id}` as 'x',
      range: [low, high],
    });
    const place = { xaxis: `x${id}`, yaxis: `y${id}`, showlegend: index === 0 };
    const fill: Plot = { mode: 'lines', fill: 'toself', fillcolor: 'rgba(0,158,115,.3)', line: { color: COLOURS.green, width: 0.5 } };
    const band = { name: 'what landmarks err by', x: [-error, -error, error, error, -error], y: [low, high, high, low, low] };
    const level = { name: 'the answer, from several looks', x: [amounts[0], amounts[amounts.length - 1]], y: [answerYears, answerYears] };
    return [
      { ...fill, ...place, ...band, hoverinfo: 'skip' },
      { ...BASELINE_STYLE, ...place, ...level, hoverinfo: 'skip' },
      {
        ...TRAINING_STYLE,
        ...place,
        name: 'one look at the changed frame',
        x: [...amounts],
        y: agesYears.map((age) => Number(age.toFixed(1))),
      },
    ];
  });
  const ranges = curves.map(({ title, agesYears }) => ({ title, low: Math.min(...agesYears), high: Math.max(...agesYears) }));
  const [widest] = [...ranges].sort((a, b) => b.high - b.low - (a.high - a.low));
  const reading = `The widest range is that of “${widest.title}”, from ${widest.low.toFixed(1)} to ${years(widest.high)}; the answer for the frame as found is ${years(answerYears)}.`;
  const told = ranges.map(({ title, low, high }) => `${title}: ${low.toFixed(1)} to ${years(high)}`);
  const alt = `${curves.length} line charts of the predicted age of one face while its frame is changed. ${told.join('. ')}.`;
  return { ...figure('How far the age moves with the frame', { reading, alt }, data, { height: 560, ...axes }), faceless: true };
}
