/** JSON files, read with an error that names the file, written whole or not at all. */
import { readFileSync } from 'node:fs';
import { writeFileAtomically } from './atomic';
import { InputError, messageOf } from './errors';

export function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`${file}: cannot be read as JSON (${messageOf(error)}).`);
  }
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
