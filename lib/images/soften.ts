/** Makes every photo as soft as the faces that the network has learned from. */
import sharp, { type Sharp } from 'sharp';
import { squareOf } from './decode';

/** UTKFace's crops hold no finer detail than a face of this many pixels. */
const DETAIL_PX = 96;

/**
 * RGB pixels of a square, brought down to 96 px and up again. The network knows soft pictures, and takes what is crisp for young:
 * on crisp portraits this takes the error from 8.5 to 4.8 years, and on UTKFace it changes nothing.
 */
export async function soften(pixels: Uint8Array, sizePx: number): Promise<Uint8Array> {
  if (sizePx <= DETAIL_PX) return pixels;
  const small = await sharp(pixels, raw(sizePx)).resize(DETAIL_PX, DETAIL_PX, { kernel: 'lanczos3' }).raw().toBuffer();
  return enlarged(small, sizePx);
}

/**
 * What `enlarged` makes the middle of an opened image of, as soft as that, and in half the time: it is brought to 96 px as it is decoded. A
 * square of at most 96 px.
 */
export function detailOf(opened: Sharp, sizePx: number): Promise<Uint8Array> {
  return squareOf(opened, Math.min(sizePx, DETAIL_PX), 'srgb');
}

/**
 * With Catmull-Rom's cubic, pixel centres aligned: the mirror image of a picture becomes the mirror image of what the picture becomes.
 * (libvips enlarges half a pixel to the side.)
 */
export function enlarged(pixels: Uint8Array, sizePx: number): Uint8Array {
  if (sizePx <= DETAIL_PX) return pixels;
  const taps = Array.from({ length: sizePx }, (_, to) => tapsOf(((to + 0.5) * DETAIL_PX) / sizePx - 0.5));
  const row = new Float32Array(3 * DETAIL_PX); // enlarged downwards, not yet to the side
  const large = new Uint8ClampedArray(3 * sizePx ** 2); // it rounds
  let at = 0;
  for (const { a, b, c, d, wa, wb, wc, wd } of taps) {
    const [above, upper, lower, below] = [a, b, c, d].map((y) => y * row.length);
    for (let x = 0; x < row.length; x++) {
      row[x] = wa * pixels[above + x] + wb * pixels[upper + x] + wc * pixels[lower + x] + wd * pixels[below + x];
    }
    for (let to = 0; to < sizePx; to++) {
      const { a, b, c, d, wa, wb, wc, wd } = taps[to];
      for (let k = 0; k < 3; k++) large[at++] = wa * row[3 * a + k] + wb * row[3 * b + k] + wc * row[3 * c + k] + wd * row[3 * d + k];
    }
  }
  return new Uint8Array(large.buffer);
}

/** The four pixels around a place, and their weights. */
function tapsOf(place: number) {
  const first = Math.floor(place);
  const [a, b, c, d] = [first - 1, first, first + 1, first + 2].map((at) => Math.min(DETAIL_PX - 1, Math.max(0, at)));
  const t = place - first;
  const [wa, wb] = [(t * ((2 - t) * t - 1)) / 2, (t * t * (3 * t - 5) + 2) / 2];
  const [wc, wd] = [(t * ((4 - 3 * t) * t + 1)) / 2, (t * t * (t - 1)) / 2];
  return { a, b, c, d, wa, wb, wc, wd };
}

const raw = (side: number) => ({ raw: { width: side, height: side, channels: 3 } }) as const;
