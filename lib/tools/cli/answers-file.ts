/** A file of answers, a line of JSON each, that a later call goes on with where an earlier one was stopped. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { InputError, messageOf } from '../../base/errors';
import { explained } from '../../base/files';
import { attempt } from '../../images/find';
import type { Framing } from '../../predict/predictor';
import type { PhotoRow } from '../../predict/row';
import { visible } from './prediction-lines';

/** What every line begins with, and so a torn one as far as it goes. */
const BEGINNING = '{"file":';

/**
 * The answers that `file` holds; a last line without its end, which a process was killed in, is cut off it. Throws an InputError, and
 * leaves the file as it is, unless they are to the first of the photos named now, in order and framed in the same way.
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
