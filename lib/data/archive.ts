/**
 * Archives of faces (.tar.gz, .tgz, .zip) are unpacked once, into a folder of the cache named after the archive, its size
 * and its time. Before anything is written the whole archive is looked through: entries that would land outside that folder
 * and links are refused, and only what belongs to the data set is taken.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { InputError, messageOf } from '../base/errors';
import { makeFolderAtomically, readJson, writeJson } from '../base/files';
import type { ProgressListener } from '../base/progress';
import { layoutOf } from './layout';
import type { QuarantinedFile } from './record';

const ENDING = /\.(?:tar\.gz|tgz|zip)$/i;

export function isArchive(file: string): boolean {
  return ENDING.test(file);
}

export interface Unpacked {
  readonly folder: string;
  /** What the archive holds beside the data set. */
  readonly leftOut: readonly QuarantinedFile[];
}

/**
 * The unpacked faces, made now or earlier.
 * @throws InputError naming the archive when it is empty, truncated, damaged or unsafe, holds no images, or the disk is full;
 * nothing is left behind then
 */
export async function unpackArchive(archive: string, cacheFolder: string, onProgress?: ProgressListener): Promise<Unpacked> {
  const { size, mtimeMs } = await stat(archive);
  if (size === 0) throw new InputError(`${archive}: the archive is empty (0 bytes): fetch it again.`);
  const name = path.basename(archive).replace(ENDING, '');
  const key = createHash('sha256')
    .update(`unpacked 2: ${path.basename(archive)} ${size} ${Math.floor(mtimeMs)}`)
    .digest('hex')
    .slice(0, 12);
  const unpacked = path.join(cacheFolder, `${name}-${key}`);
  const folder = path.join(unpacked, 'faces');
  const list = path.join(unpacked, 'left-out.json');
  if (existsSync(list)) return { folder, leftOut: readJson(list) };

  const copies = await lookThrough(archive, onProgress);
  if (copies.size === 0) throw new InputError(`${archive}: the archive holds no files: fetch it again.`);
  const layout = layoutOf([...copies.keys()]);
  if (!layout) throw new InputError(`${archive}: no images among its ${copies.size} files, expected JPEG files of faces.`);
  await makeFolderAtomically(unpacked, async (temporary) => {
    const places = new Map<string, string[]>();
    for (const file of layout.files) {
      const place = path.join(temporary, 'faces', path.posix.relative(layout.folder, file));
      const source = copies.get(file) ?? file;
      places.set(source, [...(places.get(source) ?? []), place]);
    }
    await unpack(archive, places, layout.files.length, onProgress);
    await writeJson(path.join(temporary, 'left-out.json'), layout.leftOut);
  });
  return { folder, leftOut: layout.leftOut };
}

/** The files in the archive, cleaned of a leading "./", each with the file that holds its contents; throws at the first unsafe entry. */
async function lookThrough(archive: string, onProgress?: ProgressListener): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const visit: Visitor = (entry) => {
    const file = safePath(archive, entry.path, entry.kind);
    if (entry.kind === 'file') files.set(file, file);
    if (entry.kind !== 'copy') return undefined;
    const original = files.get(safePath(archive, entry.of, 'file'));
    if (original === undefined) throw unsafe(archive, entry.path, `is a link to "${entry.of}", which does not come before it`);
    files.set(file, original);
    return undefined;
  };
  await read(archive, visit, (done, total) =>
    onProgress?.({ label: `Checking ${path.basename(archive)}`, done: done / 1e6, total: total / 1e6, unit: 'MB' }),
  );
  return files;
}

/** Writes each file named in `places` to all of its places. */
async function unpack(
  archive: string,
  places: ReadonlyMap<string, readonly string[]>,
  total: number,
  onProgress?: ProgressListener,
): Promise<void> {
  for (const folder of new Set([...places.values()].flat().map((place) => path.dirname(place)))) await mkdir(folder, { recursive: true });
  const written = new Set<string>();
  await read(archive, (entry) => {
    const copies = entry.kind === 'file' && places.get(safePath(archive, entry.path, entry.kind));
    if (!copies) return undefined;
    return (contents) => {
      for (const place of copies) {
        writeFileSync(place, contents);
        written.add(place);
      }
      onProgress?.({ label: `Unpacking ${path.basename(archive)}`, done: written.size, total, unit: 'files' });
    };
  });
}

type ArchiveEntry =
  | { readonly path: string; readonly kind: 'file' | 'folder' | 'link' | 'other' }
  /** A hard link: the contents are those of an entry before. */
  | { readonly path: string; readonly kind: 'copy'; readonly of: string };

/** Called for every entry in order; what it returns is given the entry's contents, undefined skips them. */
type Visitor = (entry: ArchiveEntry) => ((contents: Buffer) => void) | undefined;

async function read(archive: string, visit: Visitor, onBytes?: (done: number, total: number) => void): Promise<void> {
  try {
    await (/\.zip$/i.test(archive) ? readZip(archive, visit) : readTar(archive, visit, onBytes));
  } catch (error) {
    if (error instanceof InputError || (error instanceof Error && 'syscall' in error)) throw error; // a full disk is no fault of the archive
    throw new InputError(`${archive}: the archive is empty, truncated or damaged (${messageOf(error)}): fetch it again.`);
  }
}

function safePath(archive: string, name: string, kind: ArchiveEntry['kind']): string {
  if (kind === 'link') throw unsafe(archive, name, 'is a link');
  if (kind === 'other') throw unsafe(archive, name, 'is neither a file nor a folder');
  if (/^(?:[\\/]|[a-zA-Z]:)/.test(name)) throw unsafe(archive, name, 'has an absolute path');
  if (name.split(/[\\/]/).includes('..')) throw unsafe(archive, name, 'leads out of its folder');
  if (/[\\\0]/.test(name)) throw unsafe(archive, name, 'has a name that no face has');
  return path.posix.normalize(name).replace(/\/$/, '');
}

function unsafe(archive: string, name: string, what: string): InputError {
  return new InputError(
    `${archive}: refused, its entry "${name}" ${what}. Nothing was unpacked: fetch the archive from a source that you trust.`,
  );
}

const TAR_KINDS: Readonly<Record<string, 'file' | 'folder' | 'link'>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  GNUDumpDir: 'folder',
  SymbolicLink: 'link',
};

/** Rejects with what `visit` or what it returned throws, and when the archive is cut off or damaged. */
async function readTar(file: string, visit: Visitor, onBytes?: (done: number, total: number) => void): Promise<void> {
  const total = statSync(file).size;
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  const visits: Promise<void>[] = [];
  source.on('data', () => onBytes?.(source.bytesRead, total));
  const onReadEntry = (entry: ReadEntry) => {
    const visited = visitTarEntry(entry, visit);
    visited.catch((error) => source.destroy(error));
    visits.push(visited);
  };
  await pipeline(source, new Parser({ strict: true, onReadEntry }));
  await Promise.all(visits);
}

async function visitTarEntry(entry: ReadEntry, visit: Visitor): Promise<void> {
  const { path: name, type, linkpath = '' } = entry;
  const take = visit(type === 'Link' ? { path: name, kind: 'copy', of: linkpath } : { path: name, kind: TAR_KINDS[type] ?? 'other' });
  if (take) take(await entry.concat());
  else entry.resume();
}

/** Entry by entry in the order of the directory; rejects as readTar. */
async function readZip(file: string, visit: Visitor): Promise<void> {
  // Names are decoded here: yauzl would refuse unsafe ones too, but in words of its own.
  const zip: ZipFile = await openPromise(file, { lazyEntries: true, autoClose: false, decodeStrings: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      const take = visit({ path: name, kind: zipKind(name, entry) });
      if (!take) continue;
      if (entry.isEncrypted()) throw new InputError(`${file}: its entry "${name}" is encrypted: unpack it yourself and name the folder.`);
      const contents = await buffer(await zip.openReadStreamPromise(entry));
      if (crc32(contents) !== entry.crc32) throw new Error(`checksum of ${name} does not match`);
      take(contents);
    }
  } finally {
    zip.close();
  }
}

/** The upper half of the external attributes is a Unix file mode, where there is one. */
function zipKind(name: string, { externalFileAttributes }: Entry): 'file' | 'folder' | 'link' | 'other' {
  const type = (externalFileAttributes >>> 16) & 0o170000;
  if (type === 0o120000) return 'link';
  if (name.endsWith('/')) return 'folder';
  return type === 0 || type === 0o100000 ? 'file' : 'other';
}
