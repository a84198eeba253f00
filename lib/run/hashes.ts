/** The hash of each file that a run comes from, in `hashes.json` beside its provenance: they tell later which file is another. */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'glob';
import { attempt } from '../base/errors';
import { readJson, writeJson } from '../base/files';
import { projectRoot } from '../base/project';
import { shortHash } from '../data/record';
import { readImageFile } from '../images/decode';
import type { FoundFile } from '../images/find';
import type { Run } from './run';

/** Short hashes by path, '' for what is not there. */
export type FileHashes = Readonly<Record<string, string>>;

/** Runs of old lack all of them. */
export interface Hashes {
  /** Of the data's files, by name, the short hash of name and content: six bytes each, in base64. */
  readonly data?: string;
  readonly weights?: FileHashes;
  /** Of lib and package-lock.json, by the `codeSha256` of what trained the run. */
  readonly code?: Readonly<Record<string, FileHashes>>;
}

const fileIn = ({ folder }: Pick<Run, 'folder'>): string => path.join(folder, 'hashes.json');

export const readHashes = (run: Pick<Run, 'folder'>): Hashes => (existsSync(fileIn(run)) ? readJson(fileIn(run)) : {});

/** Adds to what is known. */
export async function writeHashes(run: Run, hashes: Hashes): Promise<void> {
  const known = readHashes(run);
  await writeJson(fileIn(run), { ...known, ...hashes, code: { ...known.code, ...hashes.code } });
}

export function hashFiles(folder: string, names: readonly string[]): FileHashes {
  const hashOf = (name: string) => attempt(() => shortHash(hash('sha256', readFileSync(path.join(folder, name))))) ?? '';
  return Object.fromEntries(names.map((name) => [name, hashOf(name)]));
}

/** All code that training can depend on, as it lies here, with one hash over it. */
export function hashCode(): { readonly codeSha256: string; readonly files: FileHashes } {
  const names = globSync(['lib/**', 'package-lock.json'], { cwd: projectRoot(), nodir: true, posix: true }).sort();
  const files = hashFiles(projectRoot(), names);
  return { codeSha256: shortHash(hash('sha256', JSON.stringify(files))), files };
}

/** Data as read now, whatever is known of it: `sha256` is its catalog's, `each` has its files' hashes, and `packed` is how they are kept. */
export function hashData(folder: string, files: readonly FoundFile[]) {
  const lines = files.map(({ file, problem }) => {
    const content = problem === undefined && attempt(() => hash('sha256', readImageFile(path.join(folder, file), 'image')));
    return `${file}\0${content || ''}\n`;
  });
  const each = lines.map((line) => shortHash(hash('sha256', line)));
  return { sha256: hash('sha256', lines.join('')), each, packed: Buffer.from(each.join(''), 'hex').toString('base64') };
}
