/**
 * Images decoded once, to one file of raw pixels, and read from there a batch at a time: memory stays the same whatever the
 * size of the data, and no epoch pays for decoding again. The file holds uint8 RGB squares of one size, one after the other,
 * and at its end a CRC-32 of each: a disk that lost a part must not spoil a training unseen.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { streamFileAtomically } from '../base/files';
import { eachChunk, serve } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import { decodeRgb } from './decode';

/** What an image is known by: its file, and its content's SHA-256 in hex. */
export interface ImageFile {
  readonly file: string;
  readonly sha256: string;
}

const CHECKSUM_BYTES = 4;

export function bytesPerImage(sizePx: number): number {
  return 3 * sizePx * sizePx;
}

export class PackedImages {
  private readonly file: number;
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    readonly sizePx: number,
    images: readonly ImageFile[],
    /** The file of raw pixels. */
    readonly path: string,
  ) {
    this.file = openSync(path, 'r');
    this.places = new Map(images.map(({ sha256 }, index) => [sha256, index]));
  }

  /** uint8 RGB `[images, sizePx, sizePx, 3]`, in the order asked for. */
  read(images: readonly ImageFile[]): Uint8Array {
    return readImages(
      this.file,
      this.sizePx,
      images.map((image) => this.placeOf(image)),
    );
  }

  /** Where in the file an image lies, counted in images. */
  placeOf({ sha256, file }: ImageFile): number {
    const place = this.places.get(sha256);
    if (place === undefined) throw new Error(`${file} is not in the pixel cache.`);
    return place;
  }

  close(): void {
    closeSync(this.file);
  }
}

/** uint8 RGB `[places, sizePx, sizePx, 3]` out of an open file. Throws where it ends before them. */
export function readImages(descriptor: number, sizePx: number, places: readonly number[]): Uint8Array {
  const bytes = bytesPerImage(sizePx);
  const pixels = new Uint8Array(places.length * bytes);
  for (const [index, place] of places.entries()) {
    const read = readSync(descriptor, pixels, index * bytes, bytes, place * bytes);
    if (read !== bytes) throw new Error(`Cached image ${place}: expected ${bytes} bytes, got ${read}. Start again: it is made anew.`);
  }
  return pixels;
}

/**
 * Decodes `images` below `folder` to squares of `sizePx`, or finds them in the cache; the caller closes what it gets.
 * @throws InputError naming the first file that cannot be decoded, or where the disk is full
 */
export async function packImages(
  folder: string,
  images: readonly ImageFile[],
  sizePx: number,
  onProgress?: ProgressListener,
): Promise<PackedImages> {
  const key = createHash('sha256')
    .update(`CRC-32 at the end\n${sizePx}\n${images.map(({ sha256 }) => sha256).join('\n')}`)
    .digest('hex')
    .slice(0, 16);
  const target = projectPath('data', 'cache', `pixels-${sizePx}-${key}.u8`);
  if (!isWhole(target, images.length, sizePx)) await decodeAll(folder, images, sizePx, target, onProgress);
  return new PackedImages(sizePx, images, target);
}

async function decodeAll(
  folder: string,
  images: readonly ImageFile[],
  sizePx: number,
  target: string,
  onProgress?: ProgressListener,
): Promise<void> {
  const bytes = bytesPerImage(sizePx);
  const checksums = Buffer.alloc(images.length * CHECKSUM_BYTES);
  let done = 0;
  await streamFileAtomically(target, async (output) => {
    await eachChunk(DECODING, images, async ({ decodeFiles }, chunk, first) => {
      const files = chunk.map(({ file }) => path.join(folder, file));
      const pixels = await decodeFiles(files, sizePx);
      for (const index of chunk.keys()) {
        checksums.writeUInt32LE(crc32(pixels.subarray(index * bytes, (index + 1) * bytes)), (first + index) * CHECKSUM_BYTES);
      }
      await write(output, pixels, first * bytes);
      done += chunk.length;
      onProgress?.({ label: 'Decoding faces', done, total: images.length, unit: 'images' });
    });
    await write(output, checksums, images.length * bytes);
  });
}

/** Chunks come in no certain order, each at its place; a nearly full disk takes a part. */
async function write(output: FileHandle, content: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < content.length; ) {
    done += (await output.write(content, done, content.length - done, start + done)).bytesWritten;
  }
}

/** Whether the file is there and every image in it as it was written: about a second for a gigabyte. */
function isWhole(file: string, count: number, sizePx: number): boolean {
  const bytes = bytesPerImage(sizePx);
  if (!existsSync(file) || statSync(file).size !== count * (bytes + CHECKSUM_BYTES)) return false;
  const descriptor = openSync(file, 'r');
  try {
    const checksums = Buffer.alloc(count * CHECKSUM_BYTES);
    const image = Buffer.alloc(bytes);
    readSync(descriptor, checksums, 0, checksums.length, count * bytes);
    for (let place = 0; place < count; place++) {
      readSync(descriptor, image, 0, bytes, place * bytes);
      if (crc32(image) !== checksums.readUInt32LE(place * CHECKSUM_BYTES)) return false;
    }
    return true;
  } finally {
    closeSync(descriptor);
  }
}

export const DECODING = { script: 'lib/images/pixel-cache.ts', functions: { decodeFiles } };
serve(DECODING);

/** uint8 RGB `[files, sizePx, sizePx, 3]`; errors as decodeRgb. */
async function decodeFiles(files: readonly string[], sizePx: number): Promise<Uint8Array> {
  const bytes = bytesPerImage(sizePx);
  const pixels = new Uint8Array(files.length * bytes);
  for (const [index, file] of files.entries()) pixels.set(await decodeRgb(file, sizePx), index * bytes);
  return pixels;
}
