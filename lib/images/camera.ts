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

/** A square of uint8 RGB. */
interface Picture {
  readonly pixels: Uint8Array;
  readonly sidePx: number;
}

/** uint8 RGB `[sizePx, sizePx, 3]` to a new one of that size, in the detail of fewer pixels. Half are crisp, half noisy, half saved as JPEG. */
export async function throughCamera(pixels: Uint8Array, sizePx: number, random: Random): Promise<Uint8Array> {
  const between = ([least, most]: readonly [number, number]) => least * (most / least) ** random(); // halving is as likely as doubling
  const kernel = KERNELS[Math.floor(random() * KERNELS.length)];
  const [sidePx, detail] = [Math.min(sizePx, Math.round(between(RANGES.sidePx))), between(RANGES.detail)];
  const [isCrisp, isNoisy, isJpeg] = [random() < 0.5, random() < 0.5, random() < 0.5];
  const [noise, quality] = [RANGES.noise[1] * random(), between(RANGES.jpegQuality)];

  let picture = await resized({ pixels, sidePx: sizePx }, sidePx, kernel);
  if (isCrisp) {
    const soft = await resized(await resized(picture, sidePx >> 1, kernel), sidePx, kernel);
    picture = { sidePx, pixels: crisper(picture.pixels, soft.pixels, detail) };
  }
  if (isNoisy) picture = { sidePx, pixels: withNoise(picture.pixels, noise, random) };
  const jpeg = { quality: Math.round(quality) };
  const file = isJpeg ? sharp(await opened(picture).jpeg(jpeg).toBuffer()) : opened(picture);
  return bytesOf(file.resize(sizePx, sizePx, { kernel }));
}

type Kernel = (typeof KERNELS)[number];

async function resized(picture: Picture, sidePx: number, kernel: Kernel): Promise<Picture> {
  if (picture.sidePx === sidePx) return picture;
  return { pixels: await bytesOf(opened(picture).resize(sidePx, sidePx, { kernel })), sidePx };
}

const opened = ({ pixels, sidePx }: Picture) => imageOf(pixels, sidePx);

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
