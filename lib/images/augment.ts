/**
 * Augmentation: every epoch sees each face a little differently, so that the network learns what stays the same. All that
 * is random comes from the generator passed in, one for each image and epoch.
 */
import type { Random } from '../base/random';
import type { Augmentation } from '../config';
import { throughCamera } from './camera';
import { writeColour } from './photo';

/** How far a frame is off that landmarks give: a cool-down sees faces so. */
const AS_FRAMED = { zoom: 0.05, rotationDegrees: 3, stretch: 0 } as const;

/** An augmentation in the cool-down: faces framed as they will be judged, `imageSizePx` wide; all else goes on. */
export function forCoolDown(augmentation: Augmentation, imageSizePx: number): Augmentation {
  return { ...augmentation, cropPx: imageSizePx, ...AS_FRAMED };
}

/** Shares of the image's area that an erased rectangle covers, and the range of its sides' ratio, as in the paper. */
const ERASED_AREA = [0.02, 0.2] as const;
const ERASED_RATIO = [0.3, 1 / 0.3] as const;

/** uint8 RGB `[sizePx, sizePx, 3]` to a new `[cropPx, cropPx, 3]`. `sizePx` must be at least `cropPx`. */
export async function augment(image: Uint8Array, sizePx: number, options: Augmentation, random: Random): Promise<Uint8Array> {
  const { cropPx, camera, erasing } = options;
  let result = cut(image, sizePx, options, random);
  recolour(result, options, random);
  if (random() < camera) result = await throughCamera(result, cropPx, random);
  if (random() < erasing) erase(result, cropPx, random);
  return result;
}

/** A draw from [value - spread, value + spread). */
function around(value: number, spread: number, random: Random): number {
  return value + spread * (2 * random() - 1);
}

/** A square of the image, drawn at random, turned about its centre, stretched and perhaps mirrored, scaled to `cropPx`. */
function cut(image: Uint8Array, sizePx: number, options: Augmentation, random: Random): Uint8Array {
  const { cropPx, zoom, rotationDegrees, stretch, flip } = options;
  const side = Math.min(sizePx, Math.round(cropPx * around(1, zoom, random)));
  const centreX = Math.floor(random() * (sizePx - side + 1)) + side / 2;
  const centreY = Math.floor(random() * (sizePx - side + 1)) + side / 2;
  const radians = (Math.PI / 180) * around(0, rotationDegrees, random);
  const direction = flip && random() < 0.5 ? -1 : 1;
  const wider = Math.exp(around(0, stretch, random));
  const [right, down] = [(side / cropPx) * Math.cos(radians), (side / cropPx) * Math.sin(radians)];
  const picture = { widthPx: sizePx, heightPx: sizePx, pixels: image };
  const result = new Uint8Array(3 * cropPx * cropPx);
  let out = 0;
  for (let row = 0; row < cropPx; row++) {
    const y = wider * (row + 0.5 - cropPx / 2);
    for (let column = 0; column < cropPx; column++, out += 3) {
      const x = (direction / wider) * (column + 0.5 - cropPx / 2);
      writeColour(picture, centreX + right * x - down * y, centreY + down * x + right * y, result, out);
    }
  }
  return result;
}

/** Another light and another sensor: colours stronger, weaker or none, and other shades of red, green and blue. */
function recolour(image: Uint8Array, options: Augmentation, random: Random): void {
  const saturation = around(1, options.saturation, random);
  const factor = random() < options.grey ? 0 : saturation;
  if (factor !== 1) saturate(image, factor);
  const shades = shadesOf(options, random);
  for (let at = 0; at < image.length; at++) image[at] = shades[at % 3][image[at]];
}

/** Moves, in place, every pixel's colours away from its grey (factor above 1) or towards it. */
function saturate(image: Uint8Array, factor: number): void {
  const clamped = new Uint8ClampedArray(image.buffer, image.byteOffset, image.length); // rounds, and stays in range
  for (let at = 0; at < image.length; at += 3) {
    const grey = 0.299 * image[at] + 0.587 * image[at + 1] + 0.114 * image[at + 2]; // Rec. 601: how bright the eye finds each colour
    for (let channel = at; channel < at + 3; channel++) clamped[channel] = grey + factor * (image[channel] - grey);
  }
}

/** What each of the 256 shades of red, green and blue becomes: contrast around middle grey, then brightness, gamma and the channel's own gain. */
function shadesOf({ contrast, brightness, gamma, cast }: Augmentation, random: Random): Uint8ClampedArray[] {
  const gain = around(1, contrast, random);
  const offset = around(0, brightness, random);
  const power = Math.exp(around(0, gamma, random));
  const lit = (shade: number) => Math.max(0, 0.5 + gain * (shade / 255 - 0.5) + offset) ** power;
  const gains = [0, 1, 2].map(() => around(1, cast, random));
  return gains.map((channelGain) => Uint8ClampedArray.from({ length: 256 }, (_, shade) => 255 * channelGain * lit(shade)));
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
