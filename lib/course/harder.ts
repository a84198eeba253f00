/** The same photo made harder in ways that happen: something before the face, too little light, few pixels, another program's JPEG. */
import sharp, { type Sharp } from 'sharp';
import type { Box } from '../faces/box';

/** Pixels of a face that is hard to read. */
const FEW_PX = 28;

type Change = (photo: Sharp, face: Box) => Sharp;

const CHANGES: Readonly<Record<string, Change>> = {
  'as it is': (photo) => photo,
  'lower half of the face covered': covered(0.5, 1.1),
  'eyes covered': covered(0.12, 0.5),
  'upside down': (photo) => photo.rotate(180),
  'almost dark': (photo) => photo.linear(0.12, 0),
  'far too bright': (photo) => photo.linear(2.2, 60),
  blurred: (photo, face) => photo.blur(Math.max(0.3, face.width / 18)),
  'sharpened, as telephones do': (photo, face) => photo.sharpen({ sigma: Math.max(0.5, face.width / 60), m2: 8 }),
  'saved as a poor JPEG': (photo) => photo.jpeg({ quality: 20 }),
};

/** A bar across the face, between these parts of its height. */
function covered(from: number, to: number): Change {
  return (photo, { x, y, width, height }) => {
    const place = `x="${x - width}" y="${y + from * height}" width="${3 * width}" height="${(to - from) * height}"`;
    const bar = `<svg xmlns="http://www.w3.org/2000/svg" width="${x + 2 * width}" height="${y + to * height}"><rect ${place} fill="#89a"/></svg>`;
    return photo.composite([{ input: Buffer.from(bar), left: 0, top: 0 }]);
  };
}

/** Files of the changed photos, each under what was done to it. `photo` is a file too, and the face a box in it. */
export async function harderPhotos(photo: Buffer, face: Box): Promise<Readonly<Record<string, Buffer>>> {
  const { width } = await sharp(photo).metadata();
  const small = sharp(photo).resize(Math.max(32, Math.round((width * FEW_PX) / face.width)));
  const changed = Object.entries(CHANGES).map(([title, change]) => [title, change(sharp(photo), face)] as const);
  const all = [...changed, [`shrunk: the face has ${FEW_PX} px`, small] as const];
  return Object.fromEntries(await Promise.all(all.map(async ([title, image]) => [title, await image.toBuffer()] as const)));
}
