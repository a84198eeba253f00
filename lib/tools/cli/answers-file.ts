/** A file of answers, a line of JSON each, that a later call goes on with where an earlier one was stopped. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InputError, messageOf } from '../../base/errors';
import { explained } from '../../base/files';
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
  const end = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  const torn = bytes.toString('utf8', end, end + BEGINNING.length);
  const rows = lines.map((line, index) => parsed(line) ?? refuse(file, index + 1));
  if (!BEGINNING.startsWith(torn)) refuse(file, lines.length + 1);
  if (torn) truncateSync(file, end);
  return rows;
}

function parsed(line: string): PhotoRow | undefined {
  try {
    return line.startsWith(BEGINNING) ? JSON.parse(line) : undefined;
  } catch {
    return undefined;
  }
}

function refuse(file: string, line: number): never {
  throw new InputError(`${file}, line ${line}: no answer of an earlier call. Expected lines of JSON that --to wrote; choose another file.`);
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

/** Where texts are written one after the other: at the end of a file, each at once, so that a kill loses one line at most. */
export function appender(file: string): { readonly write: (text: string) => void; readonly close: () => void } {
  const orExplained = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const known = explained(error, file);
      throw known instanceof InputError ? known : new InputError(`${file} cannot be written (${messageOf(error)}).`);
    }
  };
  orExplained(() => mkdirSync(path.dirname(file), { recursive: true }));
  const descriptor = orExplained(() => openSync(file, 'a'));
  return { write: (text) => orExplained(() => writeFileSync(descriptor, text)), close: () => closeSync(descriptor) };
}
