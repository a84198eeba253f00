/**
 * Archives of faces (.tar.gz, .tgz, .zip) are unpacked once and whole, into a folder of the cache named after the archive, its
 * size and its time. Entries that would land outside that folder and links are refused, and nothing is left behind then.
 */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { UnpackSync } from 'tar';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { InputError, messageOf } from '../base/errors';
import { makeFolderAtomically } from '../base/files';
import type { ProgressListener } from '../base/progress';
import { IMAGE_NAME, listFiles } from '../images/find';

const ENDING = /\.(?:tar\.gz|tgz|zip)$/i;

export function isArchive(file: string): boolean {
  return ENDING.test(file);
}

/**
 * The folder with the unpacked files, made now or earlier.
 * @throws InputError naming the archive when it is empty, truncated, damaged or unsafe, holds no images, or the disk is full
 */
export async function unpackArchive(archive: string, cacheFolder: string, onProgress?: ProgressListener): Promise<string> {
  const { size, mtimeMs } = statSync(archive);
  if (size === 0) throw new InputError(`${archive}: the archive is empty (0 bytes): fetch it again.`);
  const name = path.basename(archive);
  const key = createHash('sha256')
    .update(`whole ${name} ${size} ${Math.floor(mtimeMs)}`)
    .digest('hex')
    .slice(0, 12);
  const folder = path.join(cacheFolder, `${name.replace(ENDING, '')}-${key}`);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  await makeFolderAtomically(folder, async (temporary) => {
    const tell = (done: number, total: number, unit: string) => onProgress?.({ label: `Unpacking ${name}`, done, total, unit });
    try {
      await (/\.zip$/i.test(archive) ? unpackZip(archive, temporary, tell) : unpackTar(archive, temporary, tell));
    } catch (error) {
      if (error instanceof InputError || (error instanceof Error && 'syscall' in error)) throw error; // a full disk is no fault of the archive
      throw new InputError(`${archive}: the archive is empty, truncated or damaged (${messageOf(error)}): fetch it again.`);
    }
    const files = listFiles(temporary);
    if (files.length === 0) throw new InputError(`${archive}: the archive holds no files: fetch it again.`);
    if (!files.some(({ file }) => IMAGE_NAME.test(file))) {
      throw new InputError(`${archive}: no images among its ${files.length} files, expected JPEG files of faces.`);
    }
  });
  return folder;
}

type Tell = (done: number, total: number, unit: string) => void;

async function unpackTar(archive: string, folder: string, tell: Tell): Promise<void> {
  const { size } = statSync(archive);
  const files = new Set<string>();
  let failure: unknown;
  const unpack = new UnpackSync({
    cwd: folder,
    strict: true,
    preserveOwner: false,
    filter: (name, entry) => {
      if (failure === undefined && 'linkpath' in entry) failure = refusalOf(archive, name, entry.type, entry.linkpath, files);
      if (failure !== undefined) return false;
      files.add(path.posix.normalize(name));
      return true;
    },
  });
  unpack.on('error', (error) => {
    failure ??= error;
  });
  const source = createReadStream(archive, { highWaterMark: 1 << 20 });
  for await (const chunk of source) {
    unpack.write(chunk);
    if (failure !== undefined) throw failure;
    tell(source.bytesRead / 1e6, size / 1e6, 'MB');
  }
  unpack.end();
  if (failure !== undefined) throw failure;
}

async function unpackZip(archive: string, folder: string, tell: Tell): Promise<void> {
  // Names are decoded here: yauzl would refuse unsafe ones too, but in words of its own.
  const zip: ZipFile = await openPromise(archive, { lazyEntries: true, autoClose: false, decodeStrings: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      const refusal = refusalOf(archive, name, zipType(name, entry));
      if (refusal) throw refusal;
      tell(zip.entriesRead, zip.entryCount, 'files');
      if (name.endsWith('/')) continue;
      if (entry.isEncrypted())
        throw new InputError(`${archive}: its entry "${name}" is encrypted: unpack it yourself and name the folder.`);
      const contents = await buffer(await zip.openReadStreamPromise(entry));
      if (crc32(contents) !== entry.crc32) throw new Error(`checksum of ${name} does not match`);
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, contents);
    }
  } finally {
    zip.close();
  }
}

/** In tar's words. The upper half of the external attributes is a Unix file mode, where there is one. */
function zipType(name: string, { externalFileAttributes }: Entry): string {
  const mode = (externalFileAttributes >>> 16) & 0o170000;
  if (mode === 0o120000) return 'SymbolicLink';
  if (name.endsWith('/')) return 'Directory';
  return mode === 0 || mode === 0o100000 ? 'File' : 'other';
}

const HARMLESS = ['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir'];

/** Why an entry must not be unpacked. A hard link (`Link`) is a copy of one of the `files` before it. */
function refusalOf(archive: string, name: string, type: string, linkpath = '', files?: ReadonlySet<string>): InputError | undefined {
  const because = (what: string) =>
    new InputError(
      `${archive}: refused, its entry "${name}" ${what}. Nothing was unpacked: fetch the archive from a source that you trust.`,
    );
  if (/^(?:[\\/]|[a-zA-Z]:)/.test(name)) return because('has an absolute path');
  if (name.split(/[\\/]/).includes('..')) return because('leads out of its folder');
  if (/[\\\0]/.test(name)) return because('has a name that no face has');
  if (type === 'Link' && files?.has(path.posix.normalize(linkpath))) return undefined;
  if (type === 'Link' || type === 'SymbolicLink') return because('is a link');
  return HARMLESS.includes(type) ? undefined : because('is neither a file nor a folder');
}
