/** Reads a .zip, entry by entry in the order of its directory. */
import { buffer } from 'node:stream/consumers';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { InputError } from '../base/errors';
import type { ArchiveEntry, EntryVisitor } from './archive-entry';
import { crc32 } from './crc32';

/** Rejects with what `visit` or what it returned throws, and when the archive is cut off or damaged. */
export async function readZip(file: string, visit: EntryVisitor): Promise<void> {
  // Names are decoded here: yauzl would refuse unsafe ones too, but in words of its own.
  const zip: ZipFile = await openPromise(file, { lazyEntries: true, autoClose: false, decodeStrings: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      const take = visit({ path: name, kind: kindOf(name, entry) });
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
function kindOf(name: string, { externalFileAttributes }: Entry): ArchiveEntry['kind'] {
  const type = (externalFileAttributes >>> 16) & 0o170000;
  if (type === 0o120000) return 'link';
  if (name.endsWith('/')) return 'folder';
  return type === 0 || type === 0o100000 ? 'file' : 'other';
}
