/**
 * Another camera: UTKFace's pictures are all soft, and a network that learns from them alone takes what is crisp for young. This makes
 * of a picture what other lenses, sensors and files would have made of it: softer or crisper, noisy, saved as JPEG.
 */
import sharp from 'sharp';
import { normal, type Random, seededRandom } from '../base/random';
import { bytesOf, imageOf } from './decode';

/** Least and most of each change. */
const RANGES = {
  /** Pixels that the face has each way. */
  sidePx: [32, 192],
  /** How often a crisp picture has the detail that it would lack at half its pixels. */
  detail: [1, 2.5],
  /** Standard deviation in shades. */
  noise: [0, 8],
  jpegQuality: [20, 100],
} as const;
const KERNELS = ['linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'] as const;

/** uint8 RGB `[sizePx, sizePx, 3]` to a new one of that size, in the detail of fewer pixels. Half are crisp, half noisy, half saved as JPEG. */
export async function throughCamera(pixels: Uint8Array, sizePx: number, random: Random): Promise<Uint8Array> {
  const between = ([least, most]: readonly [number, number]) => least * (most / least) ** random(); // halving is as likely as doubling
  const kernel = KERNELS[Math.floor(random() * KERNELS.length)];
  const [sidePx, detail] = [Math.min(sizePx, Math.round(between(RANGES.sidePx))), between(RANGES.detail)];
  const [isCrisp, isNoisy, isJpeg] = [random() < 0.5, random() < 0.5, random() < 0.5];
  const [noise, quality] = [RANGES.noise[1] * random(), between(RANGES.jpegQuality)];

  const resized = (square: Uint8Array, fromPx: number, toPx: number) => bytesOf(imageOf(square, fromPx).resize(toPx, toPx, { kernel }));
  let seen = sidePx === sizePx ? pixels : await resized(pixels, sizePx, sidePx);
  if (isCrisp) {
    const soft = await resized(await resized(seen, sidePx, sidePx >> 1), sidePx >> 1, sidePx);
    seen = crisper(seen, soft, detail);
  }
  if (isNoisy) seen = withNoise(seen, noise, random);
  if (!isJpeg) return resized(seen, sidePx, sizePx);
  const jpeg = imageOf(seen, sidePx).jpeg({ quality: Math.round(quality) });
  return bytesOf(sharp(await jpeg.toBuffer()).resize(sizePx, sizePx, { kernel }));
}

/** With `detail` times what the soft picture lacks (an unsharp mask). */
function crisper(pixels: Uint8Array, soft: Uint8Array, detail: number): Uint8Array {
  const result = new Uint8ClampedArray(pixels.length); // rounds, and stays in range
  for (let at = 0; at < pixels.length; at++) result[at] = soft[at] + detail * (pixels[at] - soft[at]);
  return new Uint8Array(result.buffer);
}

/** Normal noise of sd 1, drawn once: drawn anew for each picture it would take as long as all else. */
const drawn = seededRandom(1);
const NOISE = Float32Array.from({ length: 2 ** 16 }, () => normal(drawn));

/** With noise from a random place of it on. */
function withNoise(pixels: Uint8Array, sd: number, random: Random): Uint8Array {
  const start = Math.floor(random() * NOISE.length);
  const result = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at < pixels.length; at++) result[at] = pixels[at] + sd * NOISE[(start + at) % NOISE.length];
  return new Uint8Array(result.buffer);
}
