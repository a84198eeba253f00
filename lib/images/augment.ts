/**
 * Augmentation: every epoch sees each face a little differently, so that the network learns what stays the same. All that
 * is random comes from the generator passed in, one for each image and epoch.
 */
import type { Random } from '../random';

export interface Augmentation {
  /** Side of the square that is cut out of the image at a random place; training sees faces at this size. */
  readonly cropPx: number;
  /** Share by which the cut may be larger or smaller than `cropPx` before it is scaled to it. */
  readonly zoom: number;
  /** Whether half of the images are mirrored. */
  readonly flip: boolean;
  /** Share of the contrast that may be added or taken away. */
  readonly contrast: number;
  /** Share of the full range by which all pixels may become brighter or darker. */
  readonly brightness: number;
  /** Probability that a rectangle of one random colour covers a part of the face (Zhong et al. 2020, "Random Erasing"). */
  readonly erasing: number;
}

/** A crop, and nothing else. */
export const NO_AUGMENTATION: Augmentation = { cropPx: 128, zoom: 0, flip: false, contrast: 0, brightness: 0, erasing: 0 };

/** Shares of the image's area that an erased rectangle covers, and the range of its sides' ratio, as in the paper. */
const ERASED_AREA = [0.02, 0.2] as const;
const ERASED_RATIO = [0.3, 1 / 0.3] as const;

/** uint8 RGB `[sizePx, sizePx, 3]` to a new `[cropPx, cropPx, 3]`. `sizePx` must be at least `cropPx`. */
export function augment(image: Uint8Array, sizePx: number, options: Augmentation, random: Random): Uint8Array {
  const { cropPx } = options;
  const scale = 1 + options.zoom * (2 * random() - 1);
  const side = Math.min(sizePx, Math.round(cropPx * scale));
  const left = Math.floor(random() * (sizePx - side + 1));
  const top = Math.floor(random() * (sizePx - side + 1));
  const mirrored = options.flip && random() < 0.5;
  const shades = shadesOf(options, random);
  const result = cut(image, sizePx, { left, top, side }, cropPx);
  for (let index = 0; index < result.length; index++) result[index] = shades[result[index]];
  if (mirrored) mirror(result, cropPx, 0);
  if (random() < options.erasing) erase(result, cropPx, random);
  return result;
}

/** What each of the 256 shades becomes: contrast around middle grey, then brightness. */
function shadesOf({ contrast, brightness }: Augmentation, random: Random): Uint8ClampedArray {
  const gain = 1 + contrast * (2 * random() - 1);
  const offset = 255 * brightness * (2 * random() - 1);
  return Uint8ClampedArray.from({ length: 256 }, (_, shade) => 127.5 + gain * (shade - 127.5) + offset);
}

interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** The square scaled to `targetPx`: copied where the sizes agree, else bilinear with pixel centres aligned. */
function cut(image: Uint8Array, sizePx: number, { left, top, side }: Square, targetPx: number): Uint8Array {
  const result = new Uint8Array(3 * targetPx * targetPx);
  if (side === targetPx) {
    for (let y = 0; y < targetPx; y++) {
      const start = 3 * ((top + y) * sizePx + left);
      result.set(image.subarray(start, start + 3 * targetPx), 3 * y * targetPx);
    }
    return result;
  }
  const step = side / targetPx;
  const [columns, rows] = [taps(left, side, targetPx, step), taps(top, side, targetPx, step)];
  let out = 0;
  for (const { low: y0, high: y1, share: v } of rows) {
    for (const { low: x0, high: x1, share: u } of columns) {
      const [a, b, c, d] = [3 * (y0 * sizePx + x0), 3 * (y0 * sizePx + x1), 3 * (y1 * sizePx + x0), 3 * (y1 * sizePx + x1)];
      for (let channel = 0; channel < 3; channel++) {
        const above = image[a + channel] + u * (image[b + channel] - image[a + channel]);
        const below = image[c + channel] + u * (image[d + channel] - image[c + channel]);
        result[out++] = above + v * (below - above) + 0.5;
      }
    }
  }
  return result;
}

interface Tap {
  readonly low: number;
  readonly high: number;
  /** How much of `high` is taken, in [0, 1). */
  readonly share: number;
}

function taps(start: number, side: number, targetPx: number, step: number): Tap[] {
  return Array.from({ length: targetPx }, (_, index) => {
    const at = Math.min(Math.max((index + 0.5) * step - 0.5, 0), side - 1);
    const low = Math.floor(at);
    return { low: start + low, high: start + Math.min(low + 1, side - 1), share: at - low };
  });
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
