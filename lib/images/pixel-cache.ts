/** Images decoded once, to one file of raw pixels, and read from there a batch at a time: no epoch pays for decoding again. */
import path from 'node:path';
import { mapChunks, serve } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { decodeRgb } from './decode';
import { type ImageFile, isWhole, RowFile, rowFilePath, writeRows } from './row-file';

/** Of an RGB square of one byte a value. */
export function bytesPerImage(sizePx: number): number {
  return 3 * sizePx * sizePx;
}

export class PixelCache extends RowFile {
  constructor(
    readonly sizePx: number,
    images: readonly ImageFile[],
    /** The file of raw pixels. */
    file: string,
  ) {
    super(file, bytesPerImage(sizePx), images);
  }

  /** uint8 RGB `[images, sizePx, sizePx, 3]`, in the order asked for. */
  read(images: readonly ImageFile[]): Uint8Array {
    return this.rowsOf(images);
  }
}

/**
 * Decodes `images` below `folder` to squares of `sizePx`, or finds them in data/cache; the caller closes what it gets.
 * @throws InputError naming the first file that cannot be decoded, or where the disk is full
 */
export async function openPixelCache(
  folder: string,
  images: readonly ImageFile[],
  sizePx: number,
  onProgress?: ProgressListener,
): Promise<PixelCache> {
  const target = rowFilePath(`pixels-${sizePx}`, [sizePx, ...images.map(({ sha256 }) => sha256)], 'u8');
  if (!isWhole(target, bytesPerImage(sizePx), images.length)) {
    const files = images.map(({ file }) => path.join(folder, file));
    await writeRows(target, bytesPerImage(sizePx), decodeAll(files, sizePx, onProgress));
  }
  return new PixelCache(sizePx, images, target);
}

async function* decodeAll(files: readonly string[], sizePx: number, onProgress?: ProgressListener): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const pixels of mapChunks(DECODING, files, ({ decodeFiles }, chunk) => decodeFiles(chunk, sizePx))) {
    yield pixels;
    done += pixels.length / bytesPerImage(sizePx);
    onProgress?.({ label: 'Decoding faces', done, total: files.length, unit: 'images' });
  }
}

export const DECODING = { script: 'lib/images/pixel-cache.ts', functions: { decodeFiles } };
serve(DECODING);

/** uint8 RGB `[files, sizePx, sizePx, 3]`; errors as decodeRgb. */
async function decodeFiles(files: readonly string[], sizePx: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(files.length * bytesPerImage(sizePx));
  for (const [index, file] of files.entries()) pixels.set(await decodeRgb(file, sizePx), index * bytesPerImage(sizePx));
  return pixels;
}
