/** Where the faces come from: what `--data` names, else data/UTKFace, else the faces that come with the course, drawn by a program. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { InputError } from '../base/errors';
import type { ProgressListener } from '../base/progress';
import { projectPath, typeScriptArguments } from '../base/project';
import { listFiles } from '../images/find';
import { isArchive, unpackArchive } from './archive';
import { layoutOf } from './layout';
import type { DataSource } from './record';

/** What `npm run download -- utkface` leaves in the cache, and the word `download` stands for. */
export const UTKFACE_ARCHIVE = 'UTKFace.tar.gz';

export interface SourceOptions {
  /** Where archives are unpacked and drawn faces kept; data/cache of the project when absent. */
  readonly cacheFolder?: string;
  readonly onProgress?: ProgressListener;
}

/**
 * @param data a folder, a .tar.gz, .tgz or .zip, the word `download`, or undefined
 * @throws InputError naming what was given, when it holds no faces or cannot be read
 */
export async function openSource(data: string | undefined, options: SourceOptions = {}): Promise<DataSource> {
  const cacheFolder = options.cacheFolder ?? projectPath('data', 'cache');
  if (data === undefined) {
    const own = projectPath('data', 'UTKFace');
    return (await isFolder(own)) ? openFolder(own) : openDrawn(cacheFolder, options);
  }
  if (data === 'download') return openArchive(path.join(cacheFolder, UTKFACE_ARCHIVE), cacheFolder, options);
  if (await isFolder(data)) return openFolder(path.resolve(data));
  return openArchive(path.resolve(data), cacheFolder, options);
}

/** The data set in a folder, whatever lies around it. */
export function openFolder(folder: string, kind: DataSource['kind'] = 'folder', label?: string): DataSource {
  const all = listFiles(folder);
  if (all.length === 0) throw new InputError(`${folder}: the folder is empty. ${EXPECTED}`);
  const layout = layoutOf(all.map(({ file }) => file));
  if (!layout) throw new InputError(`${folder}: no images in this folder. ${EXPECTED}`);
  const { folder: inside, leftOut } = layout;
  const taken = new Set(layout.files);
  const start = inside === '' ? 0 : inside.length + 1;
  const files = all.filter(({ file }) => taken.has(file)).map((found) => ({ ...found, file: found.file.slice(start) }));
  const whole = path.join(folder, inside);
  return { kind, folder: whole, label: label ?? path.basename(whole), files, leftOut };
}

async function openArchive(archive: string, cacheFolder: string, options: SourceOptions): Promise<DataSource> {
  const information = await stat(archive).catch(() => undefined);
  if (!information) throw new InputError(`${archive}: no such file or folder. ${EXPECTED}`);
  if (!isArchive(archive)) throw new InputError(`${archive}: not a data set. ${EXPECTED}`);
  return openFolder(await unpackArchive(archive, cacheFolder, options.onProgress), 'archive', path.basename(archive));
}

async function openDrawn(cacheFolder: string, { onProgress }: SourceOptions): Promise<DataSource> {
  const folder = path.join(cacheFolder, 'drawn-1-800');
  if (!(await isFolder(folder))) await draw(folder, onProgress);
  return openFolder(folder, 'drawn', 'drawn faces');
}

/** In a process of its own: the program that draws is no part of this library. */
async function draw(folder: string, onProgress?: ProgressListener): Promise<void> {
  const program = projectPath('data', 'drawn', 'draw.ts');
  const drawing = spawn(process.execPath, [...typeScriptArguments(), program, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [ended, complaint] = [once(drawing, 'close'), text(drawing.stderr)];
  for await (const line of createInterface(drawing.stdout)) {
    const [done, total] = line.split(' ').map(Number);
    onProgress?.({ label: 'Drawing faces', done, total, unit: 'faces' });
  }
  const [code] = await ended;
  if (code === 0) return;
  const reason = `The faces could not be drawn: ${(await complaint).trim() || 'the drawing was stopped.'}`;
  throw reason.includes('\n') ? new Error(reason) : new InputError(reason); // a stack is a defect's
}

const EXPECTED =
  'Expected a folder, a .tar.gz or a .zip with images named [age]_[gender]_[race]_[timestamp].jpg or a labels.csv (file,age,gender), or the word download.';

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (information) => information.isDirectory(),
    () => false,
  );
}
