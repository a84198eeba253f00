/** Where the faces come from: what `--data` names, else data/UTKFace, else the faces that come with the course, drawn by a program. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { InputError } from '../base/errors';
import type { ProgressListener } from '../base/progress';
import { projectPath, typeScriptArguments } from '../base/project';
import { type FoundFile, IMAGE_NAME, listFiles } from '../images/find';
import { ARCHIVE_ENDING, unpackArchive } from './archive';
import { groupBy } from './bands';
import { isLabelsFile } from './labels';
import { parseFaceName, stemOf } from './names';
import type { DataSource } from './record';

/** What `npm run download -- utkface` leaves in the cache, and the word `download` stands for. */
export const UTKFACE_ARCHIVE = 'UTKFace.tar.gz';

export interface SourceOptions {
  /** Where archives are unpacked and drawn faces kept; data/cache of the project when absent. */
  readonly cacheFolder?: string;
  readonly onProgress?: ProgressListener;
}

/**
 * @param data a folder, a .tar.gz, .tgz or .zip, one of the words `download` and `drawn`, or undefined
 * @throws InputError naming what was given, when it holds no faces or cannot be read
 */
export async function openSource(data: string | undefined, options: SourceOptions = {}): Promise<DataSource> {
  const { cacheFolder = projectPath('data', 'cache'), onProgress } = options;
  if (data === undefined) {
    const own = projectPath('data', 'UTKFace');
    return isFolder(own) ? openFolder(own) : openDrawn(cacheFolder, onProgress);
  }
  if (data === 'drawn') return openDrawn(cacheFolder, onProgress);
  const place = data === 'download' ? path.join(cacheFolder, UTKFACE_ARCHIVE) : path.resolve(data);
  if (isFolder(place)) return openFolder(place);
  if (!existsSync(place)) throw new InputError(`${place}: no such file or folder. ${EXPECTED}`);
  if (!ARCHIVE_ENDING.test(place)) throw new InputError(`${place}: not a data set. ${EXPECTED}`);
  return openFolder(await unpackArchive(place, cacheFolder, onProgress), 'archive', path.basename(place));
}

const EXPECTED =
  'Expected a folder, a .tar.gz or a .zip with images named [age]_[gender]_[race]_[timestamp].jpg or a labels.csv (file,age,gender), or one of the words download and drawn.';

function isFolder(place: string): boolean {
  return existsSync(place) && statSync(place).isDirectory();
}

async function openDrawn(cacheFolder: string, onProgress?: ProgressListener): Promise<DataSource> {
  const folder = path.join(cacheFolder, 'drawn-1-800');
  if (!isFolder(folder)) await draw(folder, onProgress);
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

/**
 * The data set in a folder, whatever lies around it: what a labels.csv describes, and all folders with faces (part1 to part3,
 * train and val, one for each age), but only one of several copies. It begins at the deepest folder with all of that in it;
 * every folder outside or left out is a row, named from there.
 */
export function openFolder(folder: string, kind: DataSource['kind'] = 'folder', label?: string): DataSource {
  const all = listFiles(folder);
  if (all.length === 0) throw new InputError(`${folder}: the folder is empty. ${EXPECTED}`);
  if (!all.some(({ file }) => IMAGE_NAME.test(file))) throw new InputError(`${folder}: no images in this folder. ${EXPECTED}`);
  const byFolder = groupBy(all, folderOf);
  const described = all.filter(({ file }) => isLabelsFile(file)).map(folderOf);
  const named = [...byFolder].filter(([each, files]) => !described.some((other) => isWithin(each, other)) && stemsOf(files).length > 0);
  const copies = copiesAmong(named);
  const taken = [...described, ...named.map(([each]) => each).filter((each) => !copies.has(each))];
  let start = taken[0] ?? '.';
  while (!taken.every((each) => isWithin(each, start))) start = path.posix.dirname(start);
  // macOS adds `__MACOSX/…/._name.jpg` to archives: no images in spite of their names.
  const whyNot = (each: string) => (each.split('/').includes('__MACOSX') ? 'left behind by macOS' : copies.get(each));
  const isTaken = (each: string) => isWithin(each, start) && !whyNot(each);
  const whole = path.join(folder, start);
  return {
    kind,
    folder: whole,
    label: label ?? path.basename(whole),
    files: all
      .filter((found) => isTaken(folderOf(found)))
      .map((found) => ({ ...found, file: start === '.' ? found.file : found.file.slice(start.length + 1) })),
    leftOut: [...byFolder]
      .filter(([each]) => !isTaken(each))
      .map(([each, files]) => ({
        file: `${path.posix.relative(start, each) || '.'}/`,
        reason: whyNot(each) ?? 'lies beside the faces and holds none',
        files: files.length,
      })),
  };
}

/**
 * Folders of which more than half of the faces are, by name, in a folder before them, with a reason that says so; UTKFace/ and
 * shallow ones come first. Kaggle's archive has `UTKFace/`, `crop_part1/` and `utkface_aligned_cropped/` with both again.
 */
function copiesAmong(folders: readonly (readonly [string, readonly FoundFile[]])[]): ReadonlyMap<string, string> {
  const rank = (folder: string) => (folder.split('/').includes('UTKFace') ? 0 : 1000) + folder.split('/').length;
  const holders = new Map<string, string>();
  const copies = new Map<string, string>();
  for (const [folder, files] of [...folders].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const stems = stemsOf(files);
    const known = stems.filter((stem) => holders.has(stem));
    if (known.length > stems.length / 2) copies.set(folder, `a copy of ${holders.get(known[0])}/`);
    else for (const stem of stems) if (!holders.has(stem)) holders.set(stem, folder);
  }
  return copies;
}

/** What is left of the names of faces without their endings. */
function stemsOf(files: readonly FoundFile[]): readonly string[] {
  return files.filter(({ file }) => !('reason' in parseFaceName(file))).map(({ file }) => stemOf(file));
}

/** '.' is the top. */
function folderOf({ file }: FoundFile): string {
  return path.posix.dirname(file);
}

function isWithin(folder: string, other: string): boolean {
  return other === '.' || `${folder}/`.startsWith(`${other}/`);
}
