/**
 * Image files become raw pixels here, and only here: whatever a file is (JPEG, PNG, WebP, grey, transparent, lying on its
 * side), what comes out is a square of uint8 values. Training, prediction and the search for duplicates share these rules:
 *
 * - EXIF orientation is applied, transparency is laid on white, colours are converted to sRGB;
 * - what is not square is cropped around its centre;
 * - sizes change with ONE kernel, Lanczos 3 (sharp's default), after libjpeg's own shrinking by 2, 4 or 8 where it can.
 */
import { lstatSync, readFileSync, statSync } from 'node:fs';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { attempt, InputError, messageOf } from '../base/errors';
import { type Photo, photoOf, zoomOf } from './photo';

/**
 * Larger photos are refused. What is read row by row and made smaller on the way takes little memory, however large it is;
 * anything else is in memory as a whole.
 */
const MOST_MEGAPIXELS = { byRows: 250, asAWhole: 50 } as const;
const MOST_BYTES = 2 ** 30;

// Every image is read once, so a cache only holds memory; and many small images decode best on one thread each.
sharp.cache(false);
sharp.concurrency(1);

/**
 * `sizePx * sizePx * 3` values 0 to 255, row by row, RGB interleaved.
 * @throws InputError naming the file when it is missing, empty, truncated, too large or no image
 */
export function decodeRgb(image: string | Buffer, sizePx: number): Promise<Uint8Array> {
  return openImage(image, (opened) => squareOf(opened, sizePx, 'srgb'));
}

/** `sizePx * sizePx` grey values 0 to 255 (BT.709 luminance), row by row; errors as decodeRgb. */
export function decodeGrey(image: string | Buffer, sizePx: number): Promise<Uint8Array> {
  return openImage(image, (opened) => squareOf(opened, sizePx, 'b-w'));
}

/** The middle of an opened image as `decodeRgb` and `decodeGrey` have it. */
export async function squareOf(opened: Sharp, sizePx: number, colours: 'srgb' | 'b-w'): Promise<Uint8Array> {
  const square = opened.resize(sizePx, sizePx, { fit: 'cover', position: 'centre', kernel: 'lanczos3' });
  return bytesOf(square.toColourspace(colours));
}

/** The same with the size of the upright image. */
export function openSquare(image: string | Buffer, sizePx: number) {
  return openImage(image, async (opened, { width: widthPx, height: heightPx }) => ({
    pixels: await squareOf(opened, sizePx, 'srgb'),
    widthPx,
    heightPx,
  }));
}

/** A whole photo. Errors as `decodeRgb`. */
export function openPhoto(file: string | Buffer): Promise<Photo> {
  return openImage(file, async (image, { width, height }) => {
    const zoom = zoomOf(width, height);
    const sized = image.resize(zoom === 1 ? undefined : Math.ceil(width * zoom));
    const { data, info } = await sized.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return photoOf(width, height, { widthPx: info.width, heightPx: info.height, pixels, zoom });
  });
}

/** RGB values, row by row, as an image: a square unless its height is given. */
export function imageOf(pixels: Uint8Array, widthPx: number, heightPx = widthPx): Sharp {
  return sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } });
}

/** The image's values, row by row. */
export async function bytesOf(image: Sharp): Promise<Uint8Array> {
  const pixels = await image.raw().toBuffer();
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
}

/**
 * Calls `work` with an image that will be upright and without transparency, and with its upright size. Whatever fails there is an
 * InputError as `decodeRgb` has it.
 */
export async function openImage<T>(image: string | Buffer, work: (opened: Sharp, size: Metadata['autoOrient']) => Promise<T>): Promise<T> {
  const title = typeof image === 'string' ? image : 'image';
  const bytes = typeof image === 'string' ? readImageFile(image) : image;
  if (bytes.length === 0) throw new InputError(`${title}: the file is empty (0 bytes), expected an image.`);
  try {
    const opened = sharp(bytes, { failOn: 'error', limitInputPixels: MOST_MEGAPIXELS.byRows * 1e6 });
    const facts = await opened.metadata();
    refuse(facts);
    return await work(opened.autoOrient().flatten({ background: '#ffffff' }), facts.autoOrient);
  } catch (error) {
    throw new InputError(`${title}: ${error instanceof InputError ? error.message : explain(messageOf(error), bytes)}`);
  }
}

/** Throws where pixels are not to be read, though they could be. */
function refuse({ format, depth, width, height, isProgressive }: Metadata): void {
  const most = ['jpeg', 'png', 'tiff'].includes(format) && !isProgressive ? MOST_MEGAPIXELS.byRows : MOST_MEGAPIXELS.asAWhole;
  if (width * height > most * 1e6) throw new InputError(tooLarge(most));
  if (format === 'svg') throw new InputError(NOT_AN_IMAGE); // a drawing, which may name other files and unfold without end
  if (depth !== 'uchar' && depth !== 'ushort')
    throw new InputError(`its values are of the type ${depth}, expected 8 or 16 bits: convert it first.`);
}

/**
 * The bytes of a file that may be an image; errors begin with `title`. Reads at once: asynchronously, a file would queue four
 * times for the few threads that are busy with decoding.
 */
export function readImageFile(file: string, title = file): Buffer {
  try {
    // A FIFO that nobody writes to would never answer; what a shell puts below /dev, as in <(…), does.
    const information = statSync(file);
    if (information.isFIFO() && !file.startsWith('/dev/')) throw new Error('it is a FIFO');
    if (information.isCharacterDevice()) throw new Error('it is a device');
    if (information.size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES / 2 ** 30} GB`);
    return readFileSync(file);
  } catch (error) {
    const message = messageOf(error);
    if (message.startsWith('ENOENT')) throw new InputError(`${title}: ${whyNotThere(file)}`);
    if (message.startsWith('EISDIR')) throw new InputError(`${title}: a folder, expected an image file.`);
    throw new InputError(`${title}: cannot be read (${message.split(',')[0]}), expected an image.`);
  }
}

function whyNotThere(file: string): string {
  if (file.includes('\uFFFD')) return 'its name is not in UTF-8: rename it.'; // such bytes come as this character, which no file is called
  return attempt(() => lstatSync(file)) ? 'a link that leads nowhere.' : 'no such file, expected an image.';
}

/**
 * sharp's messages in words that say what to do. What libvips says of a broken file is not passed on: its threads share one
 * error buffer, so among many files at once the words may belong to another one.
 */
function explain(message: string, bytes: Buffer): string {
  const kind = bytes.toString('latin1', 0, 64);
  // A container that AVIF and films share; its brand says what is inside.
  if (/^.{4}ftyp(?:he[iv]|mif1|msf1)/s.test(kind) && !kind.includes('avif'))
    return 'HEIC, which cannot be read here; convert it to JPEG first.';
  if (kind.startsWith('BM')) return 'BMP, which cannot be read here; convert it to JPEG or PNG first.';
  if (/pixel limit/i.test(message)) return tooLarge(MOST_MEGAPIXELS.byRows);
  if (/unsupported image format/i.test(message)) return NOT_AN_IMAGE;
  return 'the image is truncated or damaged and cannot be decoded: fetch it again.';
}

const NOT_AN_IMAGE = 'not an image that can be read, expected JPEG, PNG, WebP, AVIF, GIF or TIFF.';
const tooLarge = (most: number) => `the image is too large, expected at most ${most} megapixels: make it smaller first.`;
