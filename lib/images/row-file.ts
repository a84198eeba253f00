/**
 * What is computed once for each image and kept on disk: a file of rows of equal length, read a batch at a time, so that
 * memory stays the same whatever the size of the data. At its end lies a CRC-32 of each row: a disk that lost a part must not
 * spoil a training unseen.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { writeFileAtomically } from '../base/files';
import { projectPath } from '../base/project';

/** What an image is known by. */
export interface ImageFile {
  /** Path below the folder of its data set. */
  readonly file: string;
  /** SHA-256 of its content, in hex. */
  readonly sha256: string;
}

const CHECKSUM_BYTES = 4;

export class RowFile {
  private readonly descriptor: number;
  private readonly places: ReadonlyMap<string, number>;

  /** Opens a file that is whole; `images` are those of its rows, in their order. The caller closes it. */
  constructor(
    readonly path: string,
    private readonly rowBytes: number,
    readonly images: readonly ImageFile[],
  ) {
    this.descriptor = openSync(path, 'r');
    this.places = new Map(images.map(({ sha256 }, index) => [sha256, index]));
  }

  /** The rows of the images, one after the other in the order asked for, in a buffer of their own. */
  rowsOf(images: readonly ImageFile[]): Uint8Array {
    const { path, rowBytes } = this;
    const rows = new Uint8Array(images.length * rowBytes);
    for (const [index, { file, sha256 }] of images.entries()) {
      const place = this.places.get(sha256);
      if (place === undefined) throw new Error(`${path} has nothing of ${file}.`);
      const read = readSync(this.descriptor, rows, index * rowBytes, rowBytes, place * rowBytes);
      if (read !== rowBytes) throw new Error(`${path}: expected ${rowBytes} bytes, got ${read}. Start again: it is made anew.`);
    }
    return rows;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** A place in data/cache whose name follows from all that decides the rows: `parts`. */
export function rowFilePath(kind: string, parts: readonly (string | number)[], ending: string): string {
  const key = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
  return projectPath('data', 'cache', `${kind}-${key}.${ending}`);
}

/** Whether the file has so many rows, each as it was written: about a second for a gigabyte. */
export function isWhole(file: string, rowBytes: number, count: number): boolean {
  if (!existsSync(file) || statSync(file).size !== count * (rowBytes + CHECKSUM_BYTES)) return false;
  const descriptor = openSync(file, 'r');
  try {
    const [row, checksums] = [Buffer.alloc(rowBytes), Buffer.alloc(count * CHECKSUM_BYTES)];
    readSync(descriptor, checksums, 0, checksums.length, count * rowBytes);
    for (let place = 0; place < count; place++) {
      readSync(descriptor, row, 0, rowBytes, place * rowBytes);
      if (crc32(row) !== checksums.readUInt32LE(place * CHECKSUM_BYTES)) return false;
    }
    return true;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file of the rows, which come one or more at a time. Throws an InputError where the disk is full or read-only. */
export function writeRows(file: string, rowBytes: number, rows: AsyncIterable<Uint8Array>): Promise<void> {
  return writeFileAtomically(file, withChecksums(rows, rowBytes));
}

async function* withChecksums(rows: AsyncIterable<Uint8Array>, rowBytes: number): AsyncGenerator<Uint8Array> {
  const checksums: number[] = [];
  for await (const some of rows) {
    for (let start = 0; start < some.length; start += rowBytes) checksums.push(crc32(some.subarray(start, start + rowBytes)));
    yield some;
  }
  yield new Uint8Array(Uint32Array.from(checksums).buffer);
}
