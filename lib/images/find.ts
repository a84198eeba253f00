/** What a person means by "these images": files, folders, patterns. */
import { existsSync, statSync } from 'node:fs';
import { glob } from 'glob';
import { InputError } from '../base/errors';
import { callerPath } from '../base/project';

const ENDINGS = '{jpg,jpeg,png,webp,avif,gif,tif,tiff}';

/** Every image file that `places`, as the caller typed them, name: absolute paths, in order. Throws an InputError for a place where there is none. */
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

async function filesAt(typed: string): Promise<string[]> {
  const place = callerPath(typed);
  if (!existsSync(place)) return (await glob(typed, { cwd: callerPath('.'), absolute: true, nodir: true })).sort();
  if (!statSync(place).isDirectory()) return [place];
  return (await glob(`**/*.${ENDINGS}`, { cwd: place, absolute: true, nodir: true, nocase: true })).sort();
}
