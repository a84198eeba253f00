/**
 * Which files of a tree are the data set: all folders that hold faces (part1 to part3, train and val, one for each age),
 * but only one of several copies. Kaggle's archive has `UTKFace/`, `crop_part1/` and `utkface_aligned_cropped/` with both
 * again; reading them all would put every face there twice or more.
 */
import path from 'node:path';
import { IMAGE_NAME } from '../images/find';
import { LABELS_FILE } from './labels';
import { parseFaceName, stemOf } from './names';
import type { QuarantinedFile } from './record';

export interface Layout {
  /** The deepest folder with all of the data set in it; '' is the top. */
  readonly folder: string;
  /** The files of the data set, whether faces or not, as they were given. */
  readonly files: readonly string[];
  /** Everything else, named from `folder` on: a row for each folder, and for each file above `folder`. */
  readonly leftOut: readonly QuarantinedFile[];
}

/**
 * Undefined where there is no image at all.
 * @param files paths with forward slashes
 */
export function layoutOf(files: readonly string[]): Layout | undefined {
  const byFolder = new Map<string, string[]>();
  for (const file of files) {
    const folder = folderOf(file);
    const others = byFolder.get(folder);
    if (others) others.push(file);
    else byFolder.set(folder, [file]);
  }
  const described = files.filter((file) => path.posix.basename(file) === LABELS_FILE).map(folderOf);
  const images = [...byFolder.keys()].filter((folder) => !isOfMacOs(folder) && byFolder.get(folder)?.some((file) => IMAGE_NAME.test(file)));
  const labelled = images.filter((folder) => isWithin(folder, described) || byFolder.get(folder)?.some(isLabelled));
  const copies = copiesAmong(
    labelled.filter((folder) => !isWithin(folder, described)),
    byFolder,
  );
  const taken = [...described, ...labelled.filter((folder) => !copies.has(folder))];
  if (images.length === 0) return undefined;
  const folder = commonFolder(taken.length > 0 ? taken : images);
  const isTaken = (each: string) => isWithin(each, [folder]) && !copies.has(each) && !isOfMacOs(each);
  const leftOut = [...byFolder].filter(([each]) => !isTaken(each));
  return {
    folder,
    files: files.filter((file) => isTaken(folderOf(file))),
    leftOut: leftOut.flatMap(([each, inside]) => rowsFor(each, inside, folder, copies.get(each))),
  };
}

/** Folders of which more than half of the faces are, by name, in a folder before them; UTKFace/ and shallow ones come first. */
function copiesAmong(folders: readonly string[], byFolder: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  const rank = (folder: string) => (folder.split('/').includes('UTKFace') ? 0 : 1000) + folder.split('/').length - (folder === '' ? 1 : 0);
  const holder = new Map<string, string>();
  const copies = new Map<string, string>();
  for (const folder of [...folders].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const stems = (byFolder.get(folder) ?? []).filter(isLabelled).map((file) => stemOf(path.posix.basename(file)));
    const known = stems.filter((stem) => holder.has(stem));
    if (known.length > stems.length / 2) copies.set(folder, holder.get(known[0]) ?? '');
    else for (const stem of stems) if (!holder.has(stem)) holder.set(stem, folder);
  }
  return copies;
}

function rowsFor(folder: string, inside: readonly string[], from: string, original: string | undefined): readonly QuarantinedFile[] {
  if (original === undefined && !isOfMacOs(folder) && isWithin(from, [folder])) {
    return inside.map((file) => ({ file: path.posix.relative(from, file), reason: 'lies beside the folder of the faces' }));
  }
  const because = original === undefined ? 'holds no labelled face' : `a copy of ${original || '.'}/`;
  const reason = isOfMacOs(folder) ? 'left behind by macOS' : because;
  return [{ file: `${path.posix.relative(from, folder) || '.'}/`, reason, files: inside.length }];
}

function isLabelled(file: string): boolean {
  return !('reason' in parseFaceName(path.posix.basename(file)));
}

/** What macOS adds to archives: `__MACOSX/…/._name.jpg`, no images in spite of their names. */
function isOfMacOs(folder: string): boolean {
  return folder.split('/').includes('__MACOSX');
}

function isWithin(folder: string, others: readonly string[]): boolean {
  return others.some((other) => other === '' || folder === other || folder.startsWith(`${other}/`));
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

function commonFolder(folders: readonly string[]): string {
  const [first, ...rest] = folders.map((folder) => folder.split('/'));
  const common = first.findIndex((part, index) => rest.some((other) => other[index] !== part));
  return (common < 0 ? first : first.slice(0, common)).join('/');
}
