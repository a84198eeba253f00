/**
 * Another camera: UTKFace's pictures are all soft, and a network that learns from them alone takes what is crisp for young. This makes
 * of a picture what other lenses, sensors and files would have made of it: fewer pixels, blurred or sharpened, noisy, saved as JPEG.
 */
import sharp from 'sharp';
import { normal, type Random, seededRandom } from '../base/random';

/** Between which values the strength of each change is drawn, evenly; pixels so that halving is as likely as doubling. */
const RANGES = {
  sidePx: [48, 200],
  sharpening: [-0.8, 2.5],
  noise: [0, 12],
  quality: [20, 100],
} as const;
const KERNELS = ['linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'] as const;

/** uint8 RGB `[sizePx, sizePx, 3]` to a new one of that size; which changes are made is drawn too, half of the time each. */
export async function throughCamera(image: Uint8Array, sizePx: number, random: Random): Promise<Uint8Array> {
  const [least, most] = RANGES.sidePx;
  const sidePx = Math.min(sizePx, Math.round(least * (most / least) ** random()));
  const kernel = KERNELS[Math.floor(random() * KERNELS.length)];
  const raw = (side: number) => ({ raw: { width: side, height: side, channels: 3 } }) as const;
  const within = ([from, to]: readonly [number, number]) => from + (to - from) * random();
  const [amount, sd, quality] = [within(RANGES.sharpening), within(RANGES.noise), Math.round(within(RANGES.quality))];
  const [sharpens, isNoisy, isJpeg] = [random() < 0.5, random() < 0.5, random() < 0.5];

  let small = sidePx < sizePx ? await sharp(image, raw(sizePx)).resize(sidePx, sidePx, { kernel }).raw().toBuffer() : Buffer.from(image);
  if (sharpens) small = sharpened(small, sidePx, amount);
  if (isNoisy) addNoise(small, sd, random);
  const saved = isJpeg ? sharp(await sharp(small, raw(sidePx)).jpeg({ quality }).toBuffer()) : sharp(small, raw(sidePx));
  const large = await saved.resize(sizePx, sizePx, { kernel }).raw().toBuffer();
  return new Uint8Array(large.buffer, large.byteOffset, large.length);
}

/** Adds `amount` times what a binomial blur of 3 x 3 pixels takes away (an unsharp mask); below 0 it blurs. Edges stay. */
function sharpened(image: Buffer<ArrayBuffer>, sidePx: number, amount: number): Buffer<ArrayBuffer> {
  const [right, down] = [3, 3 * sidePx];
  const result = Buffer.from(image);
  const clamped = new Uint8ClampedArray(result.buffer, result.byteOffset, result.length); // rounds, and stays in range
  for (let y = 1; y < sidePx - 1; y++) {
    for (let at = y * down + right; at < (y + 1) * down - right; at++) {
      const beside = image[at - right] + image[at + right] + image[at - down] + image[at + down];
      const across = image[at - down - right] + image[at - down + right] + image[at + down - right] + image[at + down + right];
      clamped[at] = image[at] + amount * (image[at] - (4 * image[at] + 2 * beside + across) / 16);
    }
  }
  return result;
}

/** Normal noise of sd 1, drawn once: drawn anew for each picture it would take as long as all else. */
const drawn = seededRandom(1);
const NOISE = Float32Array.from({ length: 2 ** 16 }, () => normal(drawn));

/** Adds noise in place, of an sd in shades, from a random place of the noise on. */
function addNoise(image: Buffer, sd: number, random: Random): void {
  const clamped = new Uint8ClampedArray(image.buffer, image.byteOffset, image.length);
  const start = Math.floor(random() * NOISE.length);
  for (let at = 0; at < image.length; at++) clamped[at] = image[at] + sd * NOISE[(start + at) % NOISE.length];
}
