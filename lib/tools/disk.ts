/** What lies on the disk. */
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../base/errors';

/** The names in a folder, sorted; none where there is no such folder. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Of a file, or of all files in a folder; another process may take some away meanwhile. */
export function bytesIn(place: string): number {
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.size ?? 0;
  return namesIn(place).reduce((sum, name) => sum + bytesIn(path.join(place, name)), 0);
}

/** "2.3 GB", "41 MB". */
export function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
}
