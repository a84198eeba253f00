/** What a person means by "these images": files, folders, patterns. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { glob } from 'glob';
import { InputError } from '../base/errors';

const ENDINGS = '{jpg,jpeg,png,webp,avif,gif,tif,tiff}';

/** Every image file that `places` name, in order. Throws an InputError for a place where there is none. */
export async function findImages(places: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const place of places) {
    const files = await filesAt(place);
    if (files.length === 0)
      throw new InputError(`${place}: no image there. Expected a file, a folder of images, or a pattern such as "photos/*.jpg".`);
    found.push(...files);
  }
  return [...new Set(found)];
}

async function filesAt(place: string): Promise<string[]> {
  if (!existsSync(place)) return (await glob(place, { nodir: true })).sort();
  if (!statSync(place).isDirectory()) return [place];
  return (await glob(`**/*.${ENDINGS}`, { cwd: place, nodir: true, nocase: true })).sort().map((file) => path.join(place, file));
}
