/** Photos as people name them on the command line: files, folders and patterns. */
import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { glob } from 'glob';
import { attempt, UsageError } from '../../base/errors';
import { IMAGE_NAME, listFiles } from '../../images/find';
import { callerPath } from '../paths';

export interface FoundPhoto {
  /** Absolute. */
  readonly file: string;
  /** Path below the folder that was named, or that the pattern begins with; of a file the name alone. */
  readonly below: string;
}

export interface FoundPhotos {
  readonly photos: readonly FoundPhoto[];
  /** What of a folder could not be looked into, and folders without images. */
  readonly remarks: readonly string[];
}

/** Every photo that the places name, once, in order. A UsageError tells all places that are not there. */
export async function findPhotos(places: readonly string[]): Promise<FoundPhotos> {
  const found = await Promise.all(places.map(findAt));
  const missing = places.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    const expected = 'no image there. Expected a file, a folder of images, or a pattern such as "photos/*.jpg".';
    throw new UsageError(missing.map((place) => `${place}: ${expected}`).join('\n'));
  }
  const photos = new Map(found.flatMap((one) => one?.photos ?? []).map((photo) => [photo.file, photo]));
  return { photos: [...photos.values()], remarks: found.flatMap((one) => one?.remarks ?? []) };
}

/** Undefined where there is nothing of that name. */
async function findAt(typed: string): Promise<FoundPhotos | undefined> {
  const place = callerPath(typed);
  if (isFolder(place)) return inFolder(typed, place);
  // A link that leads nowhere, and a name in bytes that no name here can have, are files to be told about.
  const isThere = attempt(() => lstatSync(place)) !== undefined || typed.includes('\uFFFD');
  const photos = isThere ? [{ file: place, below: path.basename(place) }] : await matching(typed);
  return photos.length > 0 ? { photos, remarks: [] } : undefined;
}

function inFolder(typed: string, folder: string): FoundPhotos {
  const shown = listFiles(folder).filter(({ file }) => !/(?:^|\/)\./.test(file) || file === './');
  const photos = shown.filter(({ file }) => IMAGE_NAME.test(file)).map(({ file }) => ({ file: path.join(folder, file), below: file }));
  const closed = shown.filter(({ file }) => file.endsWith('/')).map(({ file, problem }) => `${path.join(typed, file)}: ${problem}.`);
  const empty = photos.length === 0 ? [`${typed}: no image in this folder.`] : [];
  return { photos, remarks: [...closed, ...empty] };
}

/** The folders that a pattern begins with and that are there are meant as they are, brackets included. */
async function matching(pattern: string): Promise<readonly FoundPhoto[]> {
  const place = callerPath(pattern);
  let cwd = path.dirname(place);
  while (!isFolder(cwd)) cwd = path.dirname(cwd);
  const files = await glob(path.relative(cwd, place), { cwd, absolute: true, nodir: true });
  return files.sort().map((file) => ({ file, below: path.relative(cwd, file) }));
}

function isFolder(place: string): boolean {
  return attempt(() => statSync(place).isDirectory()) ?? false;
}
