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
 * The answers that `file` holds, in its order; a last line without its end, which a process was killed in, is cut off it. Throws an
 * InputError where the file holds anything else, and leaves it as it is.
 */
export function readAnswers(file: string): readonly PhotoRow[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const lines = bytes.toString().split('\n');
  const rows = lines.map((line, index) => {
    const isTorn = index === lines.length - 1;
    const row = isTorn ? {} : attempt(() => JSON.parse(line));
    if (row && line.startsWith(BEGINNING.slice(0, isTorn ? line.length : undefined))) return row;
    throw new InputError(
      `${file}, line ${index + 1}: no answer of an earlier call. Expected lines of JSON that --to wrote; choose another file.`,
    );
  });
  truncateSync(file, bytes.lastIndexOf('\n') + 1);
  return rows.slice(0, -1);
}

/** Throws an InputError unless the answers are to the first of the photos named now, in order and framed in the same way. */
export function checkAnswers(place: string, answers: readonly PhotoRow[], names: readonly string[], framing: Framing): void {
  for (const [index, row] of answers.entries()) {
    const fits = framing === 'detected' ? row.framing !== 'whole' : row.framing === framing; // a photo may turn out to be a crop
    if (row.file === names[index] && fits) continue;
    const found = `line ${index + 1} answers ${visible(row.file)} (${row.framing}), expected ${visible(names[index] ?? 'no more')} (${framing})`;
    throw new InputError(`${place}, ${found}: go on from the same folder with the same photos and options.`);
  }
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
