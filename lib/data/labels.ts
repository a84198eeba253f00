/**
 * Labels of one's own: a `labels.csv` names the files beside and below it and says who is in them. A header of `file`, `age`,
 * `gender`, and if you like `race` and `group`, in any order; `age_lo` and `age_hi` do for `age`. Where there is none, names speak.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { type FoundFile, IMAGE_NAME } from '../images/find';
import { MAX_AGE_YEARS, NOT_AN_IMAGE, parseFaceName, type Refusal } from './names';
import { type FaceLabels, type QuarantinedFile, RACE_NAMES } from './record';

export const LABELS_FILE = 'labels.csv';

export function isLabelsFile(file: string): boolean {
  return path.posix.basename(file) === LABELS_FILE;
}

export interface DataLabels {
  /** The labels of a file, or why it has none. */
  of(file: string): FaceLabels | Refusal;
  /** Rows that no file belongs to. */
  readonly widowed: readonly QuarantinedFile[];
}

/**
 * The labels of `files` below `folder`, by every labels.csv among them, else by their names.
 * @throws InputError where a labels.csv lacks a column
 */
export function readLabels(folder: string, files: readonly FoundFile[]): DataLabels {
  const there = new Set(files.map(({ file }) => file));
  const rows = new Map<string, FaceLabels | Refusal>();
  const widowed: QuarantinedFile[] = [];
  const places: string[] = [];
  for (const { file: csv, problem } of files) {
    if (!isLabelsFile(csv) || problem !== undefined) continue;
    const place = csv.slice(0, -LABELS_FILE.length);
    places.push(place);
    for (const { line, cells } of rowsOf(path.join(folder, csv))) {
      const at = `${csv}, line ${line}`;
      const file = path.posix.join(place, cells.file.replace(/\\/g, '/'));
      if (cells.file === '') widowed.push({ file: at, reason: 'no file name' });
      else if (rows.has(file)) widowed.push({ file: at, reason: `a second row for ${file}` });
      else if (!there.has(file)) widowed.push({ file, reason: `${at}: no such file` });
      else rows.set(file, labelsIn(cells, at));
    }
  }
  const withoutRow = (file: string) => (IMAGE_NAME.test(file) ? `no row in ${LABELS_FILE}` : NOT_AN_IMAGE);
  const isDescribed = (file: string) => places.some((place) => file.startsWith(place));
  return { widowed, of: (file) => rows.get(file) ?? (isDescribed(file) ? { reason: withoutRow(file) } : parseFaceName(file)) };
}

/** What a row says in each column, '' where it ends before. */
type Cells = Readonly<Record<string, string>>;

function rowsOf(csv: string): readonly { readonly line: number; readonly cells: Cells }[] {
  const [header, ...rows] = parseCsv(readFileSync(csv, 'utf8'));
  const names = (header?.fields ?? []).map((name) => name.toLowerCase());
  const missing = ['file', names.includes('age_lo') ? 'age_hi' : 'age', 'gender'].filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const wanted = 'expected the header "file,age,gender", or "age_lo,age_hi" for "age", with "race" and "group" if you like';
    throw new InputError(`${csv}: no column ${missing.join(', ')}, ${wanted}; found "${names.join(',')}".`);
  }
  return rows.map(({ line, fields }) => ({ line, cells: Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ''])) }));
}

const MALE = ['0', 'm', 'male'];
const FEMALE = ['1', 'f', 'female'];

/** What the row `at` some line says of a face. */
function labelsIn({ age = '', age_lo: lo = '', age_hi: hi = '', gender, race = '', group = '' }: Cells, at: string): FaceLabels | Refusal {
  const refuse = (reason: string): Refusal => ({ reason: `${at}: ${reason}` });
  const wrong = [age, lo, hi].find((text) => text !== '' && !(/^\d+(?:\.\d+)?$/.test(text) && Number(text) <= MAX_AGE_YEARS));
  if (wrong !== undefined) return refuse(`age "${wrong}", expected 0 to ${MAX_AGE_YEARS}, or nothing where it is not known`);
  if (hi && !(lo && Number(lo) <= Number(hi))) return refuse(`age_lo "${lo}", age_hi "${hi}", expected the first and the last year`);
  const isFemale = FEMALE.includes(gender.toLowerCase());
  if (!isFemale && !MALE.includes(gender.toLowerCase()))
    return refuse(`gender "${gender}", expected male, female, m, f, 0 (male) or 1 (female)`);
  const raceCode = /^[0-4]$/.test(race) ? Number(race) : RACE_NAMES.findIndex((name) => name.toLowerCase() === race.toLowerCase());
  if (race !== '' && raceCode < 0) return refuse(`race "${race}", expected 0 to 4 or one of ${RACE_NAMES.join(', ')}`);
  return {
    ...(age !== '' && { ageYears: Number(age) }),
    ...(age === '' && lo !== '' && { ageRangeYears: [Number(lo), hi === '' ? null : Number(hi)] as const }),
    gender: isFemale ? 1 : 0,
    ...(race !== '' && { race: raceCode }),
    ...(group !== '' && { group }),
  };
}

/** The lines of a CSV file (RFC 4180) that are not empty: fields quoted or trimmed, and the line that each begins on. */
export function parseCsv(text: string): readonly { readonly line: number; readonly fields: readonly string[] }[] {
  const rows: { line: number; fields: string[] }[] = [];
  const field = /(?:[ \t]*"((?:[^"]|"")*)"[^,\r\n]*|([^,\r\n]*))(,|\r?\n|\r|$)/gy;
  let line = 1;
  let row = { line, fields: [] as string[] };
  for (const [whole, quoted, plain, end] of text.replace(/^\uFEFF/, '').matchAll(field)) {
    row.fields.push(quoted === undefined ? plain.trim() : quoted.replace(/""/g, '"'));
    line += whole.match(/\r?\n|\r/g)?.length ?? 0;
    if (end === ',') continue;
    rows.push(row);
    row = { line, fields: [] };
  }
  return rows.filter(({ fields }) => fields.some((value) => value !== ''));
}
