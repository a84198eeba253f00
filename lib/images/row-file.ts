/**
 * What is computed once for each image and kept on disk: a file of rows of equal length, read a batch at a time, so that
 * memory stays the same whatever the size of the data. At its end lies a CRC-32 of each row: a disk that lost a part must not
 * spoil a training unseen.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { streamFileAtomically } from '../base/files';

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

/**
 * Writes a file of `count` rows: `make` hands them over, so many at once that follow each other from `first` on, in any order.
 * Throws an InputError where the disk is full or read-only.
 */
export async function writeRows(
  file: string,
  rowBytes: number,
  count: number,
  make: (put: (first: number, rows: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const checksums = Buffer.alloc(count * CHECKSUM_BYTES);
  await streamFileAtomically(file, async (output) => {
    await make(async (first, rows) => {
      for (let start = 0; start < rows.length; start += rowBytes) {
        const place = first + start / rowBytes;
        checksums.writeUInt32LE(crc32(rows.subarray(start, start + rowBytes)), place * CHECKSUM_BYTES);
      }
      await write(output, rows, first * rowBytes);
    });
    await write(output, checksums, count * rowBytes);
  });
}

/** A nearly full disk takes a part at a time. */
async function write(output: FileHandle, content: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < content.length; ) {
    done += (await output.write(content, done, content.length - done, start + done)).bytesWritten;
  }
}
