/** Findings about a data set, kept as JSON so that the same files need not be read twice. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../base/files';
import type { FileEntry } from './files';
import type { FaceRecord, NearDuplicatePair, QuarantinedFile } from './record';

/** What reading the files brought to light; everything else in a catalog follows from it. */
export interface Findings {
  readonly usable: readonly FaceRecord[];
  readonly quarantined: readonly QuarantinedFile[];
  readonly nearDuplicates: readonly NearDuplicatePair[];
  readonly sha256: string;
}

/** Raised whenever the rules for names, decoding or near duplicates change: old findings are then looked up no more. */
const VERSION = 1;

/** Near duplicates are stored as positions in `usable`. */
interface Stored {
  readonly findings: Omit<Findings, 'nearDuplicates'>;
  readonly pairs: readonly (readonly [first: number, second: number, correlation: number])[];
}

/** Undefined when these files were never looked at, or what was kept of it is damaged. */
export async function readFindings(cacheFolder: string, files: readonly FileEntry[]): Promise<Findings | undefined> {
  const text = await readFile(cacheFile(cacheFolder, files), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const stored = parse(text);
  if (!stored) return undefined;
  const { findings, pairs } = stored;
  const nearDuplicates = pairs.map(([first, second, correlation]) => ({
    first: findings.usable[first],
    second: findings.usable[second],
    correlation,
  }));
  return { ...findings, nearDuplicates };
}

function parse(text: string): Stored | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function writeFindings(cacheFolder: string, files: readonly FileEntry[], found: Findings): Promise<void> {
  const { nearDuplicates, ...findings } = found;
  const position = new Map(findings.usable.map((record, index) => [record.file, index]));
  const stored: Stored = {
    findings,
    pairs: nearDuplicates.map(({ first, second, correlation }) => [
      position.get(first.file) ?? 0,
      position.get(second.file) ?? 0,
      correlation,
    ]),
  };
  await writeFileAtomically(cacheFile(cacheFolder, files), JSON.stringify(stored));
}

/** Names, sizes and times stand in for the contents: a file that changes without changing any of these goes unnoticed. */
function cacheFile(cacheFolder: string, files: readonly FileEntry[]): string {
  const key = createHash('sha256').update(`catalog ${VERSION}\n`);
  for (const { file, bytes, modifiedMs } of files) key.update(`${file}\0${bytes}\0${modifiedMs}\n`);
  return path.join(cacheFolder, `catalog-${key.digest('hex').slice(0, 16)}.json`);
}
