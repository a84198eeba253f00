/** The files of a data set: what lies below its folder, with what tells cheaply whether it has changed. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { glob } from 'glob';
import { mapConcurrent } from '../base/parallel';

export interface FileEntry {
  /** Path below the folder, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Every file below the folder, hidden ones too, ordered by name (by code unit, so that all machines agree). */
export async function listFiles(folder: string): Promise<readonly FileEntry[]> {
  const names = await glob('**/*', { cwd: folder, nodir: true, dot: true, posix: true });
  return mapConcurrent(names.sort(), 32, async (file) => {
    const { size, mtimeMs } = await stat(path.join(folder, file));
    return { file, bytes: size, modifiedMs: Math.floor(mtimeMs) };
  });
}
