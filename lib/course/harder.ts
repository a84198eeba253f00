/** The same photo as other cameras would have taken it, and made harder: something before the face, too little light. */
import sharp, { type Sharp } from 'sharp';
import type { Box } from '../faces/box';

/** Pixels of a face that is hard to read. */
const FEW_PX = 28;

/** What is done to a photo of this size with a face in it. */
type Change = (photo: Sharp, face: Box, size: { readonly width: number; readonly height: number }) => Sharp;

export type Changes = Readonly<Record<string, Change>>;

export const HARDER: Changes = {
  'as it is': (photo) => photo,
  'lower half of the face covered': covered(0.55, 1.1),
  'eyes covered': covered(0.16, 0.46),
  'upside down': (photo) => photo.rotate(180),
  'almost dark': (photo) => photo.linear(0.12, 0),
  'far too bright': (photo) => photo.linear(2.2, 60),
  'few pixels': (photo, face, { width }) => photo.resize(Math.max(32, Math.round((width * FEW_PX) / face.width))),
};

export const CAMERAS: Changes = {
  'as it is': (photo) => photo,
  'saved as JPEG, quality 80': (photo) => photo.jpeg({ quality: 80 }),
  'quality 40': (photo) => photo.jpeg({ quality: 40 }),
  'quality 20': (photo) => photo.jpeg({ quality: 20 }),
  'half the pixels': (photo, _, { width }) => photo.resize(Math.max(32, Math.round(width / 2))),
  'a little out of focus': (photo, face) => photo.blur(Math.max(0.3, face.width / 60)),
  'sharpened, as telephones do': (photo, face) => photo.sharpen({ sigma: Math.max(0.5, face.width / 60), m2: 8 }),
  'without colour': (photo) => photo.grayscale(),
};

/** A bar across the face, between these parts of its height. */
function covered(from: number, to: number): Change {
  return (photo, { x, y, width, height }, size) => {
    const within = (value: number, most: number) => Math.round(Math.min(Math.max(value, 0), most));
    const [left, right] = [x - width / 2, x + 1.5 * width].map((value) => within(value, size.width));
    const [top, bottom] = [from, to].map((part) => within(y + part * height, size.height));
    if (right <= left || bottom <= top) return photo;
    const create = { width: right - left, height: bottom - top, channels: 3, background: '#8899aa' } as const;
    return photo.composite([{ input: { create }, left, top }]);
  };
}

/** Files of the changed photos, each under what was done to it. `photo` is a file too, and the face's frame a box in it. */
export async function changedPhotos(photo: Buffer, face: Box, changes: Changes): Promise<Readonly<Record<string, Buffer>>> {
  const size = await sharp(photo).metadata();
  const changed = Object.entries(changes).map(
    async ([title, change]) => [title, await change(sharp(photo), face, size).toBuffer()] as const,
  );
  return Object.fromEntries(await Promise.all(changed));
}
