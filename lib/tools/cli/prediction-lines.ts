/** How answers are written: lines for people, lines of JSON, which a later call can go on with, and lines of CSV. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { attempt, InputError, messageOf } from '../../base/errors';
import { explained } from '../../base/files';
import { csvLine } from '../../base/text';
import { ageText, genderText } from '../../predict/answer';
import type { Framing } from '../../predict/predictor';
import type { FaceRow, PhotoRow } from '../../predict/row';

export type Lines = (row: PhotoRow) => string;

/** One object a line, as lib/predict/row.schema.json describes it. */
export const jsonLines: Lines = (row) => `${JSON.stringify(row)}\n`;

/** Wider columns of names push the answers off the screen. */
const WIDEST_NAME = 50;

/** A line a face, in columns as wide as these files' names. */
export function tableLines(names: readonly string[]): Lines {
  const width = names.reduce((most, name) => Math.min(WIDEST_NAME, Math.max(most, visible(name).length)), 0);
  return ({ file, faces, error }) => {
    const cells = error === undefined ? faces.map(faceCells) : [`not read: ${visible(error)}`];
    return (cells.length > 0 ? cells : ['no face']).map((cell) => `${visible(file).padEnd(width)}  ${cell}\n`).join('');
  };
}

function faceCells(face: FaceRow): string {
  const { x, y, width, height } = face.box;
  return `${`${width} x ${height} px at ${x}, ${y}`.padEnd(26)}  ${ageText(face).padEnd(20)}  ${genderText(face.gender.female)}`;
}

/** A name may hold line breaks, and what moves a terminal's cursor: shown as an escape, "\\u{a}". */
export function visible(name: string): string {
  return name.replace(/\p{Cc}/gu, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

type Column = readonly [title: string, of: (row: PhotoRow, face: FaceRow | undefined, index: number) => unknown];

const COLUMNS: readonly Column[] = [
  ['file', ({ file }) => file],
  ['face', (_, face, index) => face && index + 1],
  ['age_years', (_, face) => face?.ageYears],
  ['age_low_years', (_, face) => face?.ageIntervalYears?.[0]],
  ['age_high_years', (_, face) => face?.ageIntervalYears?.[1]],
  ['gender', (_, face) => face?.gender.label],
  ['male_probability', (_, face) => face?.gender.male],
  ['female_probability', (_, face) => face?.gender.female],
  ...(['x', 'y', 'width', 'height'] as const).map((key): Column => [`box_${key}`, (_, face) => face?.box[key]]),
  ['score', (_, face) => face?.score],
  ['framing', ({ framing }) => framing],
  ['error', ({ error }) => error],
];

export const CSV_HEADER = csvLine(COLUMNS.map(([title]) => title));

/** RFC 4180: a line a face; one without a face's fields where there is none. */
export const csvLines: Lines = (row) => {
  const faces: readonly (FaceRow | undefined)[] = row.faces.length > 0 ? row.faces : [undefined];
  return faces.map((face, index) => csvLine(COLUMNS.map(([, of]) => of(row, face, index)))).join('');
};

/** What every line of JSON begins with, and so a torn one as far as it goes. */
const BEGINNING = '{"file":';

/**
 * The answers that `file` holds in lines of JSON; a last line without its end, which a process was killed in, is cut off it.
 * Throws an InputError, and leaves the file as it is, unless they are to the first of the photos named now, in order and framed
 * in the same way.
 */
export function readAnswers(file: string, names: readonly string[], framing: Framing): readonly PhotoRow[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const lines = bytes.toString().split('\n');
  const torn = lines.pop() ?? '';
  const rows = lines.map((line): PhotoRow => attempt(() => JSON.parse(line)));
  const framings = framing === 'detected' ? ['detected', 'aligned'] : [framing]; // a photo may turn out to be a crop
  const fits = rows.map((row, index) => row?.file === names[index] && framings.includes(row?.framing));
  const wrong = [...fits, BEGINNING.startsWith(torn.slice(0, BEGINNING.length))].indexOf(false);
  if (wrong >= 0) {
    const row = rows[wrong];
    const found = typeof row?.file === 'string' ? `answers ${visible(row.file)} (${row.framing})` : 'no answer of an earlier call';
    const expected = `expected ${visible(names[wrong] ?? 'no more')} (${framing})`;
    throw new InputError(
      `${file}, line ${wrong + 1}: ${found}, ${expected}. Go on with the same photos and options, or choose another file.`,
    );
  }
  truncateSync(file, bytes.lastIndexOf('\n') + 1);
  return rows;
}

/** Puts a text at the end of a file, so that a kill loses one line at most. */
export function append(file: string, text: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    appendFileSync(file, text);
  } catch (error) {
    const known = explained(error, file);
    throw known instanceof InputError ? known : new InputError(`${file} cannot be written (${messageOf(error)}).`);
  }
}
