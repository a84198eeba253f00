/** Image files as people have them: what a folder holds, links and oddities included. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { attempt } from '../base/errors';

/** Names of images, whether in a data set or to predict from. What cannot be decoded in spite of its name has words of its own. */
export const IMAGE_NAME = /\.(?:jpe?g|jpe|jfif|png|webp|avif|gif|tiff?|bmp|heic|heif)$/i;

/** Something below a folder that is no folder itself. */
export interface FoundFile {
  /** Path below the folder, with forward slashes. */
  readonly file: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Why it cannot be opened, where that is known without trying. */
  readonly problem?: string;
}

/**
 * Everything below the folder, hidden files too, ordered by name (by code unit, so that all machines agree). Links to
 * folders are followed, each folder is read once, and nothing is opened: a FIFO would never answer.
 */
export function listFiles(folder: string): readonly FoundFile[] {
  const found: FoundFile[] = [];
  const refuse = (file: string, problem: string) => found.push({ file, bytes: 0, modifiedMs: 0, problem });
  const seen = new Set<string>();
  const folders = [''];
  const links: string[] = []; // read last, so that a folder within reach goes by its own name
  for (let below = folders.pop(); below !== undefined; below = folders.pop() ?? links.shift()) {
    const place = path.join(folder, below);
    const real = attempt(() => realpathSync(place)) ?? place;
    if (seen.has(real)) {
      refuse(`${below}/`, 'a link to a folder that is read already');
      continue;
    }
    seen.add(real);
    const entries = attempt(() => readdirSync(place, { withFileTypes: true }));
    if (!entries) refuse(`${below || '.'}/`, 'a folder that cannot be read');
    for (const entry of entries ?? []) {
      const file = path.posix.join(below, entry.name);
      const information = attempt(() => statSync(path.join(folder, file)));
      // Bytes that are no UTF-8 come as replacement characters, which no file is called.
      if (!information && entry.name.includes('\uFFFD')) refuse(file, 'its name is not in UTF-8: rename it');
      else if (!information) refuse(file, entry.isSymbolicLink() ? 'a link that leads nowhere' : 'cannot be read');
      else if (information.isDirectory() && IMAGE_NAME.test(entry.name)) refuse(file, 'a folder, expected an image file');
      else if (information.isDirectory()) (entry.isSymbolicLink() ? links : folders).push(file);
      else if (!information.isFile()) refuse(file, 'neither a file nor a folder, but a FIFO, a socket or a device');
      else found.push({ file, bytes: information.size, modifiedMs: Math.floor(information.mtimeMs) });
    }
  }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}
