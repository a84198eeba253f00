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

/** The middle of an opened image, as soft as that, and in half the time: it is brought to 96 px as it is decoded. */
export async function softSquare(opened: Sharp, sizePx: number): Promise<Uint8Array> {
  return enlarged(await squareOf(opened, Math.min(sizePx, DETAIL_PX), 'srgb'), sizePx);
}

/**
 * With Catmull-Rom's cubic, pixel centres aligned: the mirror image of a picture becomes the mirror image of what the picture becomes.
 * (libvips enlarges half a pixel to the side.)
 */
function enlarged(pixels: Uint8Array, sizePx: number): Uint8Array {
  if (sizePx <= DETAIL_PX) return pixels;
  const taps = Array.from({ length: sizePx }, (_, to) => tapsOf(((to + 0.5) * DETAIL_PX) / sizePx - 0.5));
  const [row, largeRow] = [3 * DETAIL_PX, 3 * sizePx];
  const tall = new Float32Array(sizePx * row);
  for (const [to, { a, b, c, d, wa, wb, wc, wd }] of taps.entries()) {
    for (let x = 0; x < row; x++) {
      tall[to * row + x] = wa * pixels[a * row + x] + wb * pixels[b * row + x] + wc * pixels[c * row + x] + wd * pixels[d * row + x];
    }
  }
  const large = new Uint8ClampedArray(sizePx * largeRow); // it rounds
  for (const [to, { a, b, c, d, wa, wb, wc, wd }] of taps.entries()) {
    for (let y = 0; y < sizePx; y++) {
      const from = y * row;
      for (let k = 0; k < 3; k++) {
        large[y * largeRow + 3 * to + k] =
          wa * tall[from + 3 * a + k] + wb * tall[from + 3 * b + k] + wc * tall[from + 3 * c + k] + wd * tall[from + 3 * d + k];
      }
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
