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
import { getFileNameLowLevel, openPromise } from 'yauzl';
import { InputError, messageOf } from '../base/errors';
import { makeFolderAtomically } from '../base/files';
import type { ProgressListener } from '../base/progress';
import { IMAGE_NAME, listFiles } from '../images/find';

export const ARCHIVE_ENDING = /\.(?:tar\.gz|tgz|zip)$/i;

/**
 * The folder with the unpacked files, made now or earlier.
 * @throws InputError naming the archive when it is empty, truncated, damaged or unsafe, holds no images, or the disk is full
 */
export async function unpackArchive(archive: string, cacheFolder: string, onProgress?: ProgressListener): Promise<string> {
  const { size, mtimeMs } = statSync(archive);
  if (size === 0) throw new InputError(`${archive}: the archive is empty (0 bytes): fetch it again.`);
  const name = path.basename(archive);
  const identity = `whole ${name} ${size} ${Math.floor(mtimeMs)}`;
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 12);
  const folder = path.join(cacheFolder, `${name.replace(ARCHIVE_ENDING, '')}-${key}`);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  const tell: Tell = (done, total, unit) => onProgress?.({ label: `Unpacking ${name}`, done, total, unit });
  const unpack = /\.zip$/i.test(archive) ? unpackZip : unpackTar;
  await makeFolderAtomically(folder, async (temporary) => {
    try {
      await unpack(archive, temporary, tell);
    } catch (error) {
      if (error instanceof InputError || (error instanceof Error && 'syscall' in error)) throw error; // a full disk is no fault of the archive
      throw new InputError(`${archive}: the archive is empty, truncated or damaged (${messageOf(error)}): fetch it again.`);
    }
    const files = listFiles(temporary);
    if (!files.some(({ file }) => IMAGE_NAME.test(file))) {
      throw new InputError(`${archive}: no images among its ${files.length} files, expected JPEG files of faces.`);
    }
  });
  return folder;
}

type Tell = (done: number, total: number, unit: string) => void;

async function unpackTar(archive: string, folder: string, tell: Tell): Promise<void> {
  const { size } = statSync(archive);
  const files = new Set<string>(); // a hard link is a copy of one of those before it, or refused
  const unpack = new UnpackSync({
    cwd: folder,
    strict: true, // whatever is wrong is thrown, at once
    preserveOwner: false,
    filter: (name, entry) => {
      if (!('linkpath' in entry)) return false; // a file on disk, as only packing has them
      const isCopy = entry.type === 'Link' && files.has(path.posix.normalize(entry.linkpath ?? ''));
      requireHarmless(archive, name, isCopy ? 'File' : entry.type);
      files.add(path.posix.normalize(name));
      return true;
    },
  });
  const source = createReadStream(archive, { highWaterMark: 1 << 20 });
  for await (const chunk of source) {
    unpack.write(chunk);
    tell(source.bytesRead / 1e6, size / 1e6, 'MB');
  }
  unpack.end();
}

/** Unix file modes in tar's words; 0 is an entry that has none. */
const ZIP_TYPES = new Map([
  [0, 'File'],
  [0o040000, 'Directory'],
  [0o100000, 'File'],
  [0o120000, 'SymbolicLink'],
]);

async function unpackZip(archive: string, folder: string, tell: Tell): Promise<void> {
  // Names are decoded here: yauzl would refuse unsafe ones too, but in words of its own.
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false, decodeStrings: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      requireHarmless(archive, name, ZIP_TYPES.get((entry.externalFileAttributes >>> 16) & 0o170000));
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

const HARMLESS_TYPES = ['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir'];
const HARMFUL_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:[\\/]|[a-zA-Z]:)/, 'has an absolute path'],
  [/(?:^|[\\/])\.\.(?:[\\/]|$)/, 'leads out of its folder'],
  [/[\\\0]/, 'has a name that no face has'],
];

function requireHarmless(archive: string, name: string, type = 'other'): void {
  const [, wrongName] = HARMFUL_NAMES.find(([pattern]) => pattern.test(name)) ?? [];
  if (!wrongName && HARMLESS_TYPES.includes(type)) return;
  const fault = wrongName ?? (type.endsWith('Link') ? 'is a link' : 'is neither a file nor a folder');
  throw new InputError(
    `${archive}: refused, its entry "${name}" ${fault}. Nothing was unpacked: fetch the archive from a source that you trust.`,
  );
}
