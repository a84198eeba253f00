/** A portrait becomes a photo: light from one side, a lens not quite in focus, a sensor's noise, JPEG. */
import sharp from 'sharp';
import { normal, type Random, seededRandom } from '../../lib/base/random';
import type { Retouch } from './plan';
import { PORTRAIT_SIZE_PX } from './portrait';

/** The same normal numbers for all photos, each starting elsewhere: drawing 120,000 for every photo would take minutes. */
const NOISE = Float32Array.from(
  { length: 1 << 17 },
  (
    (random) => () =>
      normal(random)
  )(seededRandom(20170109)),
);

/** What a second version does to the values and the JPEG quality. */
const RETOUCHED: Readonly<Record<Retouch, { readonly factor: number; readonly offset: number; readonly quality: number }>> = {
  recompressed: { factor: 1, offset: 0, quality: 55 },
  brighter: { factor: 1, offset: 14, quality: 90 },
  flatter: { factor: 0.86, offset: 16, quality: 85 },
};

/** A JPEG of 200 x 200; the same SVG, random numbers and retouch give the same bytes. */
export async function photograph(svg: string, random: Random, retouch?: Retouch): Promise<Buffer> {
  const size = PORTRAIT_SIZE_PX;
  const blurPx = random() < 0.45 ? 0.4 + random() * 0.9 : 0;
  const drawn = sharp(Buffer.from(svg)).flatten().removeAlpha().toColourspace('srgb');
  const pixels = await (blurPx > 0 ? drawn.blur(blurPx) : drawn).raw().toBuffer();
  const light = { x: (random() - 0.5) * 0.7, y: (random() - 0.6) * 0.4, gain: 0.82 + random() * 0.32 };
  const warmth = (random() - 0.5) * 0.14;
  const channels = [1 + warmth, 1, 1 - warmth];
  const noise = 2 + random() * 6;
  const start = Math.floor(random() * NOISE.length);
  const quality = 80 + Math.floor(random() * 15);
  const change = retouch ? RETOUCHED[retouch] : { factor: 1, offset: 0, quality };
  for (let index = 0; index < pixels.length; index++) {
    const place = Math.floor(index / 3);
    const x = (place % size) / size - 0.5;
    const y = Math.floor(place / size) / size - 0.5;
    const lit = pixels[index] * light.gain * channels[index % 3] * (1 + light.x * x + light.y * y);
    const value = lit + noise * NOISE[(start + index) % NOISE.length];
    pixels[index] = Math.min(255, Math.max(0, value * change.factor + change.offset));
  }
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality: change.quality })
    .toBuffer();
}
