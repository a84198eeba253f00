/**
 * Archives of faces (.tar.gz, .tgz, .zip) are unpacked once, into a folder of the cache named after the archive, its size
 * and its time. Before anything is written the whole archive is looked through: entries that would land outside that folder
 * and links are refused, and only the folder that holds the faces is taken.
 */
import { createHash } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError, messageOf } from '../base/errors';
import { makeFolderAtomically } from '../base/files';
import type { ProgressListener } from '../base/progress';
import type { ArchiveEntry, EntryVisitor } from './archive-entry';
import { facesFolder } from './faces-folder';
import { readTar } from './tar-file';
import { readZip } from './zip-file';

export function isArchive(file: string): boolean {
  return /\.(?:tar\.gz|tgz|zip)$/i.test(file);
}

/**
 * The folder with the unpacked faces, made now or earlier.
 * @throws InputError naming the archive when it is empty, truncated, damaged or unsafe, holds no images, or the disk is full;
 * nothing is left behind then
 */
export async function unpackArchive(archive: string, cacheFolder: string, onProgress?: ProgressListener): Promise<string> {
  const { size, mtimeMs } = await stat(archive);
  if (size === 0) throw new InputError(`${archive}: the archive is empty (0 bytes): fetch it again.`);
  const name = path.basename(archive).replace(/\.(?:tar\.gz|tgz|zip)$/i, '');
  const key = createHash('sha256')
    .update(`${path.basename(archive)} ${size} ${Math.floor(mtimeMs)}`)
    .digest('hex')
    .slice(0, 12);
  const folder = path.join(cacheFolder, `${name}-${key}`);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;

  const files = await lookThrough(archive, onProgress);
  const inside = facesFolder(files);
  if (files.length === 0) throw new InputError(`${archive}: the archive holds no files: fetch it again.`);
  if (inside === undefined) throw new InputError(`${archive}: no images among its ${files.length} files, expected JPEG files of faces.`);
  const wanted = files.filter((file) => inside === '' || file.startsWith(`${inside}/`));
  await makeFolderAtomically(folder, (temporary) => unpack(archive, inside, wanted, temporary, onProgress));
  return folder;
}

/** The files in the archive, cleaned of a leading "./"; throws at the first unsafe entry. */
async function lookThrough(archive: string, onProgress?: ProgressListener): Promise<readonly string[]> {
  const files: string[] = [];
  await read(
    archive,
    (entry) => {
      const file = safePath(archive, entry);
      if (entry.kind === 'file') files.push(file);
      return undefined;
    },
    (done, total) => onProgress?.({ label: `Checking ${path.basename(archive)}`, done: done / 1e6, total: total / 1e6, unit: 'MB' }),
  );
  return files;
}

async function unpack(
  archive: string,
  inside: string,
  wanted: readonly string[],
  folder: string,
  onProgress?: ProgressListener,
): Promise<void> {
  const left = new Set(wanted);
  const within = (file: string): string => path.join(folder, inside === '' ? file : file.slice(inside.length + 1));
  for (const parent of new Set(wanted.map((file) => path.dirname(within(file))))) await mkdir(parent, { recursive: true });
  await read(archive, (entry) => {
    const file = safePath(archive, entry);
    if (entry.kind !== 'file' || !left.has(file)) return undefined;
    return (contents) => {
      writeFileSync(within(file), contents);
      left.delete(file);
      onProgress?.({ label: `Unpacking ${path.basename(archive)}`, done: wanted.length - left.size, total: wanted.length, unit: 'files' });
    };
  });
}

async function read(archive: string, visit: EntryVisitor, onBytes?: (done: number, total: number) => void): Promise<void> {
  try {
    await (/\.zip$/i.test(archive) ? readZip(archive, visit) : readTar(archive, visit, onBytes));
  } catch (error) {
    if (error instanceof InputError || hasSystemCode(error)) throw error;
    throw new InputError(`${archive}: the archive is empty, truncated or damaged (${messageOf(error)}): fetch it again.`);
  }
}

/** Full disks and missing permissions are no fault of the archive; they come with a code such as ENOSPC. */
function hasSystemCode(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function safePath(archive: string, { path: name, kind }: ArchiveEntry): string {
  const unsafe = (what: string): InputError =>
    new InputError(
      `${archive}: refused, its entry "${name}" ${what}. Nothing was unpacked: fetch the archive from a source that you trust.`,
    );
  if (kind === 'link') throw unsafe('is a link');
  if (kind === 'other') throw unsafe('is neither a file nor a folder');
  if (/^(?:[\\/]|[a-zA-Z]:)/.test(name)) throw unsafe('has an absolute path');
  if (name.split(/[\\/]/).includes('..')) throw unsafe('leads out of its folder');
  if (/[\\\0]/.test(name)) throw unsafe('has a name that no face has');
  return path.posix.normalize(name).replace(/\/$/, '');
}
