/** The benchmark as figures: how many times as fast this project is, and how much memory each subject takes. */
import type { Plot } from 'nodeplotlib';
import { axis, COLOURS, categoryAxis, type Figure, figure } from '../../lib/figures/figure';
import { caseTitle, SUBJECT_TITLES, SUBJECTS } from './cases';
import { type BenchRow, speedOver } from './results';

/** Other runtimes have a table of their own: they take part in few cases. */
type ComparedSubject = (typeof SUBJECTS)[number];

const COLOUR: Readonly<Record<ComparedSubject, string>> = {
  ours: COLOURS.blue,
  stock: COLOURS.grey,
  keras: COLOURS.vermillion,
  'keras-folded': COLOURS.green,
};

/** Horizontal bars, one group a case: this project's images a second over each other subject's, with a line at 1. */
export function speedFigure(rows: readonly BenchRow[]): Figure {
  const cases = casesOf(rows);
  const data = SUBJECTS.filter((subject) => subject !== 'ours').map((subject): Plot => {
    const ratios = cases.map((row) => speedOver(rows, subject, row) ?? null);
    const text = ratios.map((ratio) => (ratio === null ? '' : `${ratio.toFixed(1)} ×`));
    return bars(`over ${SUBJECT_TITLES[subject]}`, subject, cases, ratios, text);
  });
  const told = cases.map((row) => {
    const ratio = speedOver(rows, 'keras', row);
    return `${titleOf(row)}: ${ratio?.toFixed(1) ?? '?'} times ${SUBJECT_TITLES.keras}`;
  });
  const ratios = cases.flatMap((row) => speedOver(rows, 'keras', row) ?? []);
  const reading =
    ratios.length === 0
      ? `Nothing was measured beside ${SUBJECT_TITLES.keras}.`
      : `This project is ${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)} times as fast as ${SUBJECT_TITLES.keras}.`;
  const alt = `Bar chart, a group of bars a case. ${told.join('; ')}. A line at 1.`;
  return figure('How many times as fast this project is', { reading, alt }, data, {
    ...layoutFor(cases),
    xaxis: axis('This project’s images a second over theirs (times)', { range: rangeOver(data) }),
    shapes: [{ type: 'line', x0: 1, x1: 1, yref: 'paper', y0: 0, y1: 1, line: { color: COLOURS.grey, width: 2, dash: 'dot' } }],
  });
}

/** The most memory that each subject's process held, case by case. */
export function memoryFigure(rows: readonly BenchRow[]): Figure {
  const cases = casesOf(rows);
  const data = SUBJECTS.map((subject): Plot => {
    const gigabytes = cases.map((row) => {
      const found = rows.find((other) => other.subject === subject && titleOf(other) === titleOf(row));
      return found ? found.peakMemoryBytes / 1e9 : null;
    });
    const text = gigabytes.map((value) => (value === null ? '' : `${value.toFixed(1)} GB`));
    return bars(SUBJECT_TITLES[subject], subject, cases, gigabytes, text);
  });
  const ours = rows.filter((row) => row.subject === 'ours').map((row) => `${titleOf(row)}: ${(row.peakMemoryBytes / 1e9).toFixed(1)} GB`);
  const sizes = rows.filter((row) => row.subject === 'ours').map((row) => row.peakMemoryBytes / 1e9);
  const reading = `This project's processes hold ${Math.min(...sizes).toFixed(1)} to ${Math.max(...sizes).toFixed(1)} GB at most.`;
  const alt = `Bar chart, a group of bars a case. This project: ${ours.join('; ')}.`;
  return figure('Peak memory', { reading, alt }, data, {
    ...layoutFor(cases),
    xaxis: axis('Peak resident memory (GB)', { range: rangeOver(data) }),
  });
}

function bars(
  name: string,
  subject: ComparedSubject,
  cases: readonly BenchRow[],
  x: readonly (number | null)[],
  text: readonly string[],
): Plot {
  return {
    type: 'bar',
    orientation: 'h',
    name,
    x: [...x],
    y: cases.map(labelOf),
    text: [...text],
    textposition: 'outside',
    cliponaxis: false,
    hoverinfo: 'text',
    marker: { color: COLOUR[subject] },
  };
}

function layoutFor(cases: readonly BenchRow[]) {
  return {
    barmode: 'group' as const,
    height: 140 + 90 * cases.length,
    margin: { l: 64, r: 16, t: 16, b: 56 },
    yaxis: categoryAxis('', { autorange: 'reversed' }),
  };
}

/** One row for each case, in the order of the rows. */
function casesOf(rows: readonly BenchRow[]): BenchRow[] {
  return rows.filter((row) => row.subject === 'ours');
}

function titleOf(row: BenchRow): string {
  return caseTitle({ ...row, name: row.case });
}

/** Its title in short lines, for the axis. */
function labelOf(row: BenchRow): string {
  return titleOf(row).replace(/, (?!batch)/g, ',<br>');
}

/** With room for the numbers beside the longest bar. */
function rangeOver(data: readonly Plot[]): [number, number] {
  return [0, 1.2 * Math.max(1, ...data.flatMap(({ x }) => (Array.isArray(x) ? x.map(Number) : [])))];
}
