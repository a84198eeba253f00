/** A framed face as the file that it would be in UTKFace, and as the network takes such a file. */
import { decodeRgb, imageOf } from '../images/decode';
import { cut, type Photo, type Square } from '../images/photo';
import { UTKFACE_FILE } from './frame';

/** The square's content as a JPEG. */
export function frameFile(photo: Photo, frame: Square): Promise<Buffer> {
  const { sidePx, quality } = UTKFACE_FILE;
  const picture = imageOf(cut(photo, frame, sidePx), sidePx);
  return picture.jpeg({ quality }).toBuffer();
}

/** The same as `sizePx * sizePx * 3` RGB values. */
export async function frameFace(photo: Photo, frame: Square, sizePx: number): Promise<Uint8Array> {
  return decodeRgb(await frameFile(photo, frame), sizePx);
}
