/** From rounds to medians and ratios, as they are written, printed and drawn. */
import { type BenchCase, type CaseName, caseTitle, SUBJECT_TITLES, type SubjectName } from './cases';
import type { Measurement } from './measure';

/** One line of bench.json: medians, and how many times as fast as Keras's each subject is. */
export interface BenchRow {
  readonly case: CaseName;
  readonly sizePx: number;
  readonly batch: number;
  readonly subject: SubjectName;
  readonly imagesPerSecond: number;
  readonly ratioToKeras: number;
  readonly ratioToKerasFolded: number;
  /** VmHWM of the subject's process, which did this case alone. */
  readonly peakMemoryBytes: number;
  /** What computes: "TensorFlow 2.20.0". */
  readonly runtime: string;
  /** How far its predictions are from this project's, relative to the larger of 1 and the number. */
  readonly offBy: number;
}

export function rowsOf({ name, sizePx, batch }: BenchCase, measurements: readonly Measurement[]): BenchRow[] {
  const speeds = new Map(measurements.map(({ subject, imagesPerSecond }) => [subject, median(imagesPerSecond)]));
  const ratio = (speed: number, to: SubjectName) => speed / (speeds.get(to) ?? Number.NaN);
  return measurements.map(({ subject, imagesPerSecond, peakMemoryBytes, runtime, offBy }) => {
    const speed = median(imagesPerSecond);
    const ratios = { ratioToKeras: ratio(speed, 'keras'), ratioToKerasFolded: ratio(speed, 'keras-folded') };
    return { case: name, sizePx, batch, subject, imagesPerSecond: speed, ...ratios, peakMemoryBytes, runtime, offBy };
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times as fast this project is as `subject` in the same case, or undefined where that was not measured. */
export function speedOver(rows: readonly BenchRow[], subject: SubjectName, { case: name, sizePx, batch }: BenchRow): number | undefined {
  const speed = (wanted: SubjectName) =>
    rows.find((row) => row.subject === wanted && row.case === name && row.sizePx === sizePx && row.batch === batch)?.imagesPerSecond;
  const [ours, other] = [speed('ours'), speed(subject)];
  return ours !== undefined && other !== undefined ? ours / other : undefined;
}

export const TABLE_COLUMNS = ['', 'images/s', 'to Keras', 'to Keras, folded', 'peak memory'] as const;

/** Images a second: "1158", "42.7". */
export function speedText(imagesPerSecond: number): string {
  return imagesPerSecond.toFixed(imagesPerSecond < 100 ? 1 : 0);
}

/** The cells of one row, in the order of TABLE_COLUMNS. */
export function rowCells(row: BenchRow): string[] {
  return [
    SUBJECT_TITLES[row.subject],
    speedText(row.imagesPerSecond),
    `${row.ratioToKeras.toFixed(2)} x`,
    `${row.ratioToKerasFolded.toFixed(2)} x`,
    `${(row.peakMemoryBytes / 1e9).toFixed(2)} GB`,
  ];
}

/** The rows of one case as text, below its title. */
export function tableText(rows: readonly BenchRow[]): string {
  const widths = [22, 10, 11, 18, 13];
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join('')}`.trimEnd();
  const over = speedOver(rows, 'stock', rows[0]);
  const title = caseTitle({ ...rows[0], name: rows[0].case });
  return [
    over === undefined ? title : `${title} (${over.toFixed(1)} x tfjs-node's own layers)`,
    line(TABLE_COLUMNS),
    ...rows.map((row) => line(rowCells(row))),
    '',
  ].join('\n');
}
