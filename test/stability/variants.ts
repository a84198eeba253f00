/** One picture, taken and saved in twelve ways: what people's phones, cameras and programs do to it before a model sees it. */
import type { Sharp } from 'sharp';
import { imageOf } from '../../lib/images/decode';
import { cut, type Photo } from '../../lib/images/photo';

export interface Variant {
  readonly name: string;
  /** The part of the picture that is in it: shifted to the right and down and scaled by parts of the side, and turned. */
  readonly frame?: { readonly shift?: number; readonly scale?: number; readonly turnDegrees?: number; readonly mirrored?: boolean };
  /** Its pixels, for each of the picture's; 1 if not given. */
  readonly zoom?: number;
  readonly jpegQuality?: number;
  readonly change?: (image: Sharp) => Sharp;
}

export const VARIANTS: readonly Variant[] = [
  { name: 'as it is' },
  { name: 'JPEG, quality 85', jpegQuality: 85 },
  { name: 'JPEG, quality 60', jpegQuality: 60 },
  { name: 'JPEG, quality 40', jpegQuality: 40 },
  { name: 'two thirds of the pixels each way', zoom: 2 / 3, jpegQuality: 90 },
  { name: 'half the pixels each way', zoom: 1 / 2, jpegQuality: 90 },
  { name: 'a third of the pixels each way', zoom: 1 / 3, jpegQuality: 90 },
  { name: 'sharpened', change: (image) => image.sharpen({ sigma: 1.5 }) },
  { name: 'mirrored', frame: { mirrored: true } },
  { name: 'framed 4 % nearer', frame: { scale: 0.96 } },
  { name: 'framed 4 % wider', frame: { scale: 1.04 } },
  { name: 'turned by 3° and shifted by 2 %', frame: { shift: 0.02, turnDegrees: 3 } },
];

/** The picture, a square, as a file of that variant holds it. */
export async function asVariant(
  photo: Photo,
  { frame = {}, zoom = 1, jpegQuality, change = (image) => image }: Variant,
): Promise<{ readonly image: Buffer; readonly sidePx: number }> {
  const side = Math.min(photo.widthPx, photo.heightPx);
  const { shift = 0, scale = 1, turnDegrees = 0, mirrored = false } = frame;
  const [x, y] = [photo.widthPx, photo.heightPx].map((length) => length / 2 + shift * side);
  const pixels = cut(photo, { x, y, sidePx: scale * side, turn: (Math.PI / 180) * turnDegrees }, side);
  const framed = imageOf(pixels, side).flop(mirrored);
  const sidePx = Math.round(zoom * side);
  const changed = change(zoom === 1 ? framed : framed.resize(sidePx));
  const image = await (jpegQuality === undefined ? changed.png() : changed.jpeg({ quality: jpegQuality })).toBuffer();
  return { image, sidePx };
}
