/**
 * Labels of one's own: a `labels.csv` names the files beside and below it and says who is in them. A header of `file`, `age`,
 * `gender`, and if you like `race` and `group`, in any order; other columns are ignored. Where there is none, names speak.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { type FoundFile, IMAGE_NAME } from '../images/find';
import { MAX_AGE_YEARS, NOT_AN_IMAGE, parseFaceName, type Refusal } from './names';
import { type FaceLabels, type Gender, type QuarantinedFile, RACE_NAMES } from './record';

export const LABELS_FILE = 'labels.csv';

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
  const rows = new Map<string, { readonly at: string; readonly labels: FaceLabels | Refusal }>();
  const places: string[] = [];
  for (const { file: csv, problem } of files) {
    if (path.posix.basename(csv) !== LABELS_FILE || problem !== undefined) continue;
    const place = csv.slice(0, -LABELS_FILE.length);
    places.push(place);
    for (const { line, cells } of rowsOf(path.join(folder, csv))) {
      const at = `${csv}, line ${line}`;
      const file = path.posix.join(place, cells.file.replace(/\\/g, '/'));
      if (cells.file === '' || rows.has(file))
        rows.set(at, { at, labels: { reason: cells.file ? `a second row for ${file}` : 'no file name' } });
      else rows.set(file, { at, labels: labelsIn(cells) });
    }
  }
  const there = new Set(files.map(({ file }) => file));
  return {
    of: (file) => {
      const row = rows.get(file);
      if (row) return 'reason' in row.labels ? { reason: `${row.at}: ${row.labels.reason}` } : row.labels;
      if (!places.some((place) => file.startsWith(place))) return parseFaceName(path.posix.basename(file));
      return { reason: IMAGE_NAME.test(file) ? `no row in ${LABELS_FILE}` : NOT_AN_IMAGE };
    },
    widowed: [...rows]
      .filter(([file]) => !there.has(file))
      .map(([file, { at, labels }]) => ({
        file,
        reason: `${file === at ? '' : `${at}: `}${'reason' in labels ? labels.reason : 'no such file'}`,
      })),
  };
}

/** What a row says in each column, '' where it ends before. */
type Cells = Readonly<Record<string, string>>;

function rowsOf(csv: string): readonly { readonly line: number; readonly cells: Cells }[] {
  const [header, ...rows] = parseCsv(readFileSync(csv, 'utf8'));
  const names = (header?.fields ?? []).map((name) => name.toLowerCase());
  const missing = ['file', 'age', 'gender'].filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const wanted = 'expected the header "file,age,gender", with "race" and "group" if you like';
    throw new InputError(`${csv}: no column ${missing.join(', ')}, ${wanted}; found "${names.join(',')}".`);
  }
  return rows.map(({ line, fields }) => ({ line, cells: Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ''])) }));
}

const GENDERS: ReadonlyMap<string, Gender> = new Map([
  ...(['0', 'm', 'male'] as const).map((word) => [word, 0] as const),
  ...(['1', 'f', 'female'] as const).map((word) => [word, 1] as const),
]);

function labelsIn({ age, gender, race = '', group = '' }: Cells): FaceLabels | Refusal {
  if (age !== '' && !(/^\d+(?:\.\d+)?$/.test(age) && Number(age) <= MAX_AGE_YEARS)) {
    return { reason: `age "${age}", expected 0 to ${MAX_AGE_YEARS}, or nothing where it is not known` };
  }
  const genderCode = GENDERS.get(gender.toLowerCase());
  if (genderCode === undefined) return { reason: `gender "${gender}", expected male, female, m, f, 0 (male) or 1 (female)` };
  const raceCode = /^[0-4]$/.test(race) ? Number(race) : RACE_NAMES.findIndex((name) => name.toLowerCase() === race.toLowerCase());
  if (race !== '' && raceCode < 0) return { reason: `race "${race}", expected 0 to 4 or one of ${RACE_NAMES.join(', ')}` };
  return {
    ...(age !== '' && { ageYears: Number(age) }),
    gender: genderCode,
    ...(race !== '' && { race: raceCode }),
    ...(group !== '' && { group }),
  };
}

/** The lines of a CSV file (RFC 4180) that are not empty: fields quoted or trimmed, and the line that each begins on. */
function parseCsv(text: string): readonly { readonly line: number; readonly fields: readonly string[] }[] {
  const rows: { line: number; fields: string[] }[] = [];
  const field = /[ \t]*"((?:[^"]|"")*)"[^,\r\n]*(,|\r?\n|\r|$)|([^,\r\n]*)(,|\r?\n|\r|$)/y;
  let line = 1;
  let row = { line, fields: [] as string[] };
  const source = text.replace(/^\uFEFF/, '');
  while (field.lastIndex < source.length) {
    const [whole, quoted, afterQuoted, plain, afterPlain] = field.exec(source) ?? [];
    row.fields.push(quoted === undefined ? plain.trim() : quoted.replace(/""/g, '"'));
    line += whole?.match(/\r?\n|\r/g)?.length ?? 0;
    if ((afterQuoted ?? afterPlain) === ',') continue;
    rows.push(row);
    row = { line, fields: [] };
  }
  if (row.fields.length > 0) rows.push(row);
  return rows.filter(({ fields }) => fields.some((value) => value !== ''));
}
