/** Where the faces come from: what `--data` names, else data/UTKFace, else faces drawn from the seed. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { DRAWN_COUNT, writeDrawnFaces } from '../../data/drawn/drawn';
import { InputError } from '../base/errors';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import { isArchive, unpackArchive } from './archive';
import { facesFolder } from './faces-folder';
import { listFiles } from './files';
import type { DataSource } from './record';

/** What `npm run download -- utkface` leaves in the cache, and the word `download` stands for. */
export const UTKFACE_ARCHIVE = 'UTKFace.tar.gz';

export interface SourceOptions {
  /** Draws the drawn faces; without meaning for photos. */
  readonly seed: number;
  /** Where archives are unpacked and drawn faces kept; data/cache of the project when absent. */
  readonly cacheFolder?: string;
  readonly onProgress?: ProgressListener;
}

/**
 * @param data a folder, a .tar.gz, .tgz or .zip, the word `download`, or undefined
 * @throws InputError naming what was given, when it holds no faces or cannot be read
 */
export async function openSource(data: string | undefined, options: SourceOptions): Promise<DataSource> {
  const cacheFolder = options.cacheFolder ?? projectPath('data', 'cache');
  if (data === undefined) {
    const own = projectPath('data', 'UTKFace');
    return (await isFolder(own)) ? openFolder(own) : openDrawn(cacheFolder, options);
  }
  if (data === 'download') return openArchive(path.join(cacheFolder, UTKFACE_ARCHIVE), cacheFolder, options);
  if (await isFolder(data)) return openFolder(path.resolve(data));
  return openArchive(path.resolve(data), cacheFolder, options);
}

/** "folder (…)", short enough for a figure's title. */
async function openFolder(folder: string): Promise<DataSource> {
  const files = (await listFiles(folder)).map(({ file }) => file);
  if (files.length === 0) throw new InputError(`${folder}: the folder is empty. ${EXPECTED}`);
  const inside = facesFolder(files);
  if (inside === undefined) throw new InputError(`${folder}: no images in this folder. ${EXPECTED}`);
  return { kind: 'folder', folder: path.join(folder, inside), label: path.basename(path.join(folder, inside)) };
}

async function openArchive(archive: string, cacheFolder: string, options: SourceOptions): Promise<DataSource> {
  const information = await stat(archive).catch(() => undefined);
  if (!information) throw new InputError(`${archive}: no such file or folder. ${EXPECTED}`);
  if (!isArchive(archive)) throw new InputError(`${archive}: not a data set. ${EXPECTED}`);
  const folder = await unpackArchive(archive, cacheFolder, options.onProgress);
  return { kind: 'archive', folder, label: path.basename(archive) };
}

async function openDrawn(cacheFolder: string, { seed, onProgress }: SourceOptions): Promise<DataSource> {
  const folder = path.join(cacheFolder, `drawn-${seed}-${DRAWN_COUNT}`);
  if (!(await isFolder(folder))) await writeDrawnFaces(folder, { seed, count: DRAWN_COUNT }, onProgress);
  return { kind: 'drawn', folder, label: `drawn faces (seed ${seed})` };
}

const EXPECTED = 'Expected a folder, a .tar.gz or a .zip with images named [age]_[gender]_[race]_[timestamp].jpg, or the word download.';

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (information) => information.isDirectory(),
    () => false,
  );
}
