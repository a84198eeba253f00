/** Photos in which a face lies somewhere, small or large and turned, on something that is no face: drawn from random numbers. */
import sharp from 'sharp';
import type { Random } from '../lib/base/random';
import type { Square } from '../lib/images/photo';
import { photosWithoutPeople } from './photos';

export interface Scene {
  readonly jpeg: Buffer;
  /** Where the picture of the face lies in it. */
  readonly frame: Square;
}

const WIDTH_PX = [640, 1600] as const;
const HEIGHT_PX = [600, 1200] as const;
const FACE_PX = [80, 400] as const;
const MOST_TURN = Math.PI / 6;

/** Lays the picture of a face on a background larger than it. */
export async function drawScene(face: string, random: Random): Promise<Scene> {
  const [width, height, sidePx] = [WIDTH_PX, HEIGHT_PX, FACE_PX].map(([least, most]) => Math.round(least + (most - least) * random()));
  const turn = MOST_TURN * (2 * random() - 1);
  const picture = await sharp(face).resize(sidePx, sidePx).ensureAlpha().png().toBuffer();
  const { data: input, info } = await sharp(picture)
    .rotate((180 * turn) / Math.PI, { background: '#0000' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const left = Math.floor((width - info.width) * random());
  const top = Math.floor((height - info.height) * random());
  const background = sharp(await drawBackground(width, height, random), { raw: { width, height, channels: 3 } });
  const jpeg = await background.composite([{ input, left, top }]).jpeg({ quality: 92 }).toBuffer();
  return { jpeg, frame: { x: left + info.width / 2, y: top + info.height / 2, sidePx, turn } };
}

function drawBackground(width: number, height: number, random: Random): Promise<Buffer> {
  const kinds = [drawNoise, drawGradient, drawTexture];
  return kinds[Math.floor(kinds.length * random())](width, height, random);
}

/** Blotches of random colours, over larger and larger ones. */
async function drawNoise(width: number, height: number, random: Random): Promise<Buffer> {
  const layers = await Promise.all([3, 12, 48].map((cells) => drawBlotches(cells, width, height, random)));
  return Buffer.from(layers[0].map((value, at) => 0.5 * value + 0.3 * layers[1][at] + 0.2 * layers[2][at]));
}

/** Between the colours of the four corners. */
function drawGradient(width: number, height: number, random: Random): Promise<Buffer> {
  return drawBlotches(2, width, height, random);
}

function drawBlotches(cells: number, width: number, height: number, random: Random): Promise<Buffer> {
  const coarse = Uint8Array.from({ length: 3 * cells ** 2 }, () => 255 * random());
  return sharp(coarse, { raw: { width: cells, height: cells, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}

/** A photo of something else, out of focus. */
function drawTexture(width: number, height: number, random: Random): Promise<Buffer> {
  const photos = photosWithoutPeople();
  const photo = photos[Math.floor(photos.length * random())];
  return sharp(photo)
    .resize(width, height, { fit: 'cover' })
    .blur(2 + 10 * random())
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}
