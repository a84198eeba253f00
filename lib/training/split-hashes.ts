/**
 * Which images a model learned from, and which were kept apart, by content hash: what `evaluate` needs to score the same
 * validation side again, and to notice when it is shown training images. Twelve hex digits of each SHA-256 are kept: among
 * 24,000 images the chance of any two sharing them is one in a million.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { readJson, writeFileAtomically } from '../base/files';

const DIGITS = 12;

export interface SplitHashes {
  readonly training: readonly string[];
  readonly validation: readonly string[];
}

export async function writeSplitHashes(modelFolder: string, hashes: SplitHashes): Promise<void> {
  const join = (all: readonly string[]) => all.map(shortHash).join('');
  const content = { digits: DIGITS, training: join(hashes.training), validation: join(hashes.validation) };
  await writeFileAtomically(path.join(modelFolder, 'split-hashes.json'), `${JSON.stringify(content)}\n`);
}

/** Short hashes of both sides. Throws an InputError where the model folder has none. */
export function readSplitHashes(modelFolder: string): SplitHashes {
  const file = path.join(modelFolder, 'split-hashes.json');
  if (!existsSync(file)) throw new InputError(`${file}: missing. Expected the model/ folder of a run, or data/model.`);
  const content = readJson<Record<keyof SplitHashes, string>>(file);
  const split = (all: string) => Array.from({ length: all.length / DIGITS }, (_, index) => all.slice(index * DIGITS, (index + 1) * DIGITS));
  return { training: split(content.training), validation: split(content.validation) };
}

export function shortHash(sha256: string): string {
  return sha256.slice(0, DIGITS);
}
