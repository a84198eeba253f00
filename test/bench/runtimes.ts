/** The benchmark's forward passes as one table for each size of image, with a row for each runtime. */
import { TOLERANCE } from './agree';
import { RUNTIMES, SUBJECT_TITLES, type SubjectName } from './cases';
import { type BenchRow, speedText } from './results';

export interface RuntimeTable {
  readonly sizePx: number;
  readonly columns: readonly string[];
  readonly cells: readonly (readonly string[])[];
}

/** Images a second and their ratio to this project's, largest batch first; smallest images first. Empty where no forward pass was measured. */
export function runtimeTables(rows: readonly BenchRow[]): RuntimeTable[] {
  const forward = rows.filter((row) => row.case === 'forward');
  return distinct(forward.map(({ sizePx }) => sizePx)).map((sizePx) =>
    tableOf(
      sizePx,
      forward.filter((row) => row.sizePx === sizePx),
    ),
  );
}

function tableOf(sizePx: number, rows: readonly BenchRow[]): RuntimeTable {
  const batches = distinct(rows.map(({ batch }) => batch)).reverse();
  const rowOf = (subject: SubjectName, batch: number) => rows.find((row) => row.subject === subject && row.batch === batch);
  return {
    sizePx,
    columns: ['', 'runtime', ...batches.flatMap((batch) => [`batch ${batch}, images/s`, 'to this project']), 'numbers'],
    cells: RUNTIMES.flatMap((subject) => {
      const own = rows.filter((row) => row.subject === subject);
      if (own.length === 0) return [];
      const speeds = batches.flatMap((batch) => {
        const [row, ours] = [rowOf(subject, batch), rowOf('ours', batch)];
        return [
          row ? speedText(row.imagesPerSecond) : '',
          row && ours ? `${(row.imagesPerSecond / ours.imagesPerSecond).toFixed(2)} x` : '',
        ];
      });
      return [[SUBJECT_TITLES[subject], own[0].runtime, ...speeds, numbersText(Math.max(...own.map(({ offBy }) => offBy)))]];
    }),
  };
}

function numbersText(offBy: number): string {
  return offBy <= TOLERANCE ? 'the same' : `other numbers: off by up to ${offBy.toPrecision(2)}`;
}

/** As Markdown, for a terminal and for the README. */
export function runtimesText(rows: readonly BenchRow[]): string {
  return runtimeTables(rows)
    .map(({ sizePx, columns, cells }) => {
      const lines = [columns, columns.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |\n`);
      return `Forward pass by runtime, ${sizePx} px:\n${lines.join('')}`;
    })
    .join('\n');
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
