/**
 * Image files become raw pixels here, and only here: whatever a file is (JPEG, PNG, WebP, grey, transparent, lying on its
 * side), what comes out is a square of uint8 values. Training, prediction and the search for duplicates share these rules:
 *
 * - EXIF orientation is applied, transparency is laid on white, colours are converted to sRGB;
 * - what is not square is cropped around its centre;
 * - sizes change with ONE kernel, Lanczos 3 (sharp's default), after libjpeg's own shrinking by 2, 4 or 8 where it can.
 */
import { readFileSync, statSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { InputError, messageOf } from '../base/errors';

/** Larger photos are refused: 100 megapixels take 300 MB once decoded. */
export const MAX_IMAGE_PIXELS = 100_000_000;

// Every image is read once, so a cache only holds memory; and many small images decode best on one thread each.
sharp.cache(false);
sharp.concurrency(1);

/**
 * `sizePx * sizePx * 3` values 0 to 255, row by row, RGB interleaved.
 * @throws InputError naming the file when it is missing, empty, truncated, too large or no image
 */
export function decodeRgb(image: string | Buffer, sizePx: number): Promise<Uint8Array> {
  return decode(image, sizePx, 'srgb');
}

/** `sizePx * sizePx` grey values 0 to 255 (BT.709 luminance), row by row; errors as decodeRgb. */
export function decodeGrey(image: string | Buffer, sizePx: number): Promise<Uint8Array> {
  return decode(image, sizePx, 'b-w');
}

function decode(image: string | Buffer, sizePx: number, colours: 'srgb' | 'b-w'): Promise<Uint8Array> {
  return openImage(image, async (opened) => {
    const square = opened.resize(sizePx, sizePx, { fit: 'cover', position: 'centre', kernel: 'lanczos3' });
    const pixels = await square.toColourspace(colours).raw().toBuffer();
    return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
  });
}

/** Calls `work` with an image that will be upright and without transparency. Whatever fails there is an InputError as `decodeRgb` has it. */
export async function openImage<T>(image: string | Buffer, work: (opened: Sharp) => Promise<T>): Promise<T> {
  const title = typeof image === 'string' ? image : 'image';
  const bytes = typeof image === 'string' ? readImageFile(image) : image;
  if (bytes.length === 0) throw new InputError(`${title}: the file is empty (0 bytes), expected an image.`);
  try {
    return await work(
      sharp(bytes, { failOn: 'error', limitInputPixels: MAX_IMAGE_PIXELS }).autoOrient().flatten({ background: '#ffffff' }),
    );
  } catch (error) {
    throw new InputError(`${title}: ${explain(messageOf(error), bytes)}`);
  }
}

/**
 * The bytes of a file that may be an image; errors begin with `title`. Reads at once: asynchronously, a file would queue four
 * times for the few threads that are busy with decoding.
 */
export function readImageFile(file: string, title = file): Buffer {
  try {
    // A FIFO that nobody writes to would never answer; what a shell puts below /dev, as in <(…), does.
    if (!file.startsWith('/dev/') && statSync(file).isFIFO()) throw new Error('it is a FIFO');
    return readFileSync(file);
  } catch (error) {
    const message = messageOf(error);
    if (message.startsWith('ENOENT')) throw new InputError(`${title}: no such file, expected an image.`);
    if (message.startsWith('EISDIR')) throw new InputError(`${title}: a folder, expected an image file.`);
    throw new InputError(`${title}: cannot be read (${message.split(',')[0]}), expected an image.`);
  }
}

/**
 * sharp's messages in words that say what to do. What libvips says of a broken file is not passed on: its threads share one
 * error buffer, so among many files at once the words may belong to another one.
 */
function explain(message: string, bytes: Buffer): string {
  const kind = bytes.toString('latin1', 0, 64);
  // A container that AVIF shares; its brands say what is inside.
  if (kind.startsWith('ftyp', 4) && !kind.includes('avif')) return 'HEIC, which cannot be read here; convert it to JPEG first.';
  if (kind.startsWith('BM')) return 'BMP, which cannot be read here; convert it to JPEG or PNG first.';
  if (/pixel limit/i.test(message)) {
    return `the image is too large, expected at most ${MAX_IMAGE_PIXELS / 1e6} megapixels: make it smaller first.`;
  }
  if (/unsupported image format/i.test(message)) return 'not an image that can be read, expected JPEG, PNG, WebP, AVIF, GIF or TIFF.';
  return 'the image is truncated or damaged and cannot be decoded: fetch it again.';
}
