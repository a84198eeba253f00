/**
 * Augmentation: every epoch sees each face a little differently, so that the network learns what stays the same. All that
 * is random comes from the generator passed in, one for each image and epoch.
 */
import type { Random } from '../base/random';
import type { Augmentation } from '../config';

/** What is left of an augmentation in the cool-down: faces as they are judged, `imageSizePx` wide, mirrored and in other light at most. */
export function forCoolDown(augmentation: Augmentation, imageSizePx: number): Augmentation {
  return { ...augmentation, cropPx: imageSizePx, zoom: 0, rotationDegrees: 0, erasing: 0, mixup: 0 };
}

/** Shares of the image's area that an erased rectangle covers, and the range of its sides' ratio, as in the paper. */
const ERASED_AREA = [0.02, 0.2] as const;
const ERASED_RATIO = [0.3, 1 / 0.3] as const;

/** Rec. 601: how bright the eye finds red, green and blue. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** uint8 RGB `[sizePx, sizePx, 3]` to a new `[cropPx, cropPx, 3]`. `sizePx` must be at least `cropPx`. */
export function augment(image: Uint8Array, sizePx: number, options: Augmentation, random: Random): Uint8Array {
  const { cropPx } = options;
  const result = cut(image, sizePx, viewOf(sizePx, options, random), cropPx);
  const saturation = around(1, options.saturation, random);
  if (saturation !== 1) saturate(result, saturation);
  const shades = shadesOf(options, random);
  for (let index = 0; index < result.length; index++) result[index] = shades[result[index]];
  if (random() < options.erasing) erase(result, cropPx, random);
  return result;
}

/** A square of the image, turned about its centre and perhaps mirrored. */
interface View {
  readonly centreX: number;
  readonly centreY: number;
  readonly side: number;
  readonly radians: number;
  readonly mirrored: boolean;
}

function viewOf(sizePx: number, { cropPx, zoom, rotationDegrees, flip }: Augmentation, random: Random): View {
  const side = Math.min(sizePx, Math.round(cropPx * around(1, zoom, random)));
  const left = Math.floor(random() * (sizePx - side + 1));
  const top = Math.floor(random() * (sizePx - side + 1));
  const radians = (Math.PI / 180) * around(0, rotationDegrees, random);
  return { centreX: left + side / 2, centreY: top + side / 2, side, radians, mirrored: flip && random() < 0.5 };
}

/** A draw from [value - spread, value + spread). */
function around(value: number, spread: number, random: Random): number {
  return value + spread * (2 * random() - 1);
}

/** The view scaled to `targetPx`, bilinear with pixel centres aligned; beyond the image, its edge goes on. */
function cut(image: Uint8Array, sizePx: number, { centreX, centreY, side, radians, mirrored }: View, targetPx: number): Uint8Array {
  const result = new Uint8Array(3 * targetPx * targetPx);
  const last = sizePx - 1;
  const [right, down] = [(side / targetPx) * Math.cos(radians), (side / targetPx) * Math.sin(radians)];
  let out = 0;
  for (let row = 0; row < targetPx; row++) {
    const y = row + 0.5 - targetPx / 2;
    for (let column = 0; column < targetPx; column++) {
      const x = (mirrored ? -1 : 1) * (column + 0.5 - targetPx / 2);
      const sourceX = Math.min(Math.max(centreX + right * x - down * y - 0.5, 0), last);
      const sourceY = Math.min(Math.max(centreY + down * x + right * y - 0.5, 0), last);
      const x0 = Math.floor(sourceX);
      const y0 = Math.floor(sourceY);
      const u = sourceX - x0;
      const v = sourceY - y0;
      const corner = 3 * (y0 * sizePx + x0);
      const toRight = x0 < last ? 3 : 0;
      const toBelow = y0 < last ? 3 * sizePx : 0;
      for (let channel = corner; channel < corner + 3; channel++) {
        const above = image[channel] + u * (image[channel + toRight] - image[channel]);
        const below = image[channel + toBelow] + u * (image[channel + toBelow + toRight] - image[channel + toBelow]);
        result[out++] = above + v * (below - above) + 0.5;
      }
    }
  }
  return result;
}

/** Moves, in place, every pixel's colours away from its grey (factor above 1) or towards it. */
function saturate(image: Uint8Array, factor: number): void {
  const clamped = new Uint8ClampedArray(image.buffer, image.byteOffset, image.length); // rounds, and stays in range
  for (let at = 0; at < image.length; at += 3) {
    const grey = LUMA[0] * image[at] + LUMA[1] * image[at + 1] + LUMA[2] * image[at + 2];
    for (let channel = at; channel < at + 3; channel++) clamped[channel] = grey + factor * (image[channel] - grey);
  }
}

/** What each of the 256 shades becomes: contrast around middle grey, then brightness. */
function shadesOf({ contrast, brightness }: Augmentation, random: Random): Uint8ClampedArray {
  const gain = around(1, contrast, random);
  const offset = 255 * around(0, brightness, random);
  return Uint8ClampedArray.from({ length: 256 }, (_, shade) => 127.5 + gain * (shade - 127.5) + offset);
}

/** Mirrors, in place, the image that begins at `offset`. */
export function mirror(images: Uint8Array, sizePx: number, offset: number): void {
  for (let y = 0; y < sizePx; y++) {
    let left = offset + 3 * y * sizePx;
    let right = left + 3 * (sizePx - 1);
    for (; left < right; left += 3, right -= 3) {
      for (let channel = 0; channel < 3; channel++) {
        const pixel = images[left + channel];
        images[left + channel] = images[right + channel];
        images[right + channel] = pixel;
      }
    }
  }
}

function erase(image: Uint8Array, sizePx: number, random: Random): void {
  const between = ([low, high]: readonly [number, number]) => low + random() * (high - low);
  const area = between(ERASED_AREA) * sizePx * sizePx;
  const ratio = Math.exp(between([Math.log(ERASED_RATIO[0]), Math.log(ERASED_RATIO[1])]));
  const height = Math.min(sizePx, Math.round(Math.sqrt(area * ratio)));
  const width = Math.min(sizePx, Math.round(Math.sqrt(area / ratio)));
  const left = Math.floor(random() * (sizePx - width + 1));
  const top = Math.floor(random() * (sizePx - height + 1));
  const colour = [random(), random(), random()].map((share) => Math.floor(256 * share));
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) image.set(colour, 3 * (y * sizePx + x));
  }
}
