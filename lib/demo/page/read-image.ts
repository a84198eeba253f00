/** How pixels come out of images in a browser, as near as can be to how they come out of files in Node (lib/images/decode.ts). */
import { InputError } from '../../base/errors';
import type { FaceFinder } from '../../faces/finder';
import { UTKFACE_FILE } from '../../faces/frame';
import { cut, type Photo, photoOf, type Square, zoomOf } from '../../images/photo';
import type { ImageReader } from '../../predict/predictor';
import { middleOf } from './resize';

/** Files, and whatever else a browser can draw: a video's picture, a canvas. */
export type BrowserImage = ImageBitmapSource;

export function browserReader(openFinder: () => Promise<FaceFinder>): ImageReader<BrowserImage> {
  return { open: openPhoto, square: openSquare, frame: frameFace, openFinder };
}

/** Upright and in sRGB, which browsers see to themselves. Throws an InputError for what is no image. */
async function openPhoto(image: BrowserImage): Promise<Photo> {
  const bitmap = await createImageBitmap(image).catch(() => {
    const name = image instanceof File ? image.name : 'image';
    throw new InputError(`${name}: not an image that this browser can read, expected JPEG, PNG, WebP, AVIF or GIF.`);
  });
  const { width, height } = bitmap;
  const zoom = zoomOf(width, height);
  const context = openCanvas(Math.ceil(width * zoom), Math.ceil(height * zoom));
  context.fillStyle = '#fff';
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, context.canvas.width, context.canvas.height);
  bitmap.close();
  return photoOf(width, height, { ...pictureOn(context), zoom });
}

async function openSquare(image: BrowserImage, sizePx: number) {
  const { widthPx, heightPx, levels } = await openPhoto(image);
  const shrink = Math.floor(Math.min(levels[0].widthPx, levels[0].heightPx) / sizePx);
  const level = Math.max(0, Math.ceil(Math.log2(shrink)) - 1); // Node reads a JPEG of three times the size at half of its own, and so on
  return { pixels: middleOf(levels[level], sizePx), widthPx, heightPx };
}

/** The face as the file that it would be in UTKFace, and that file as the network takes it. */
async function frameFace(photo: Photo, frame: Square, sizePx: number): Promise<Uint8Array> {
  const { sidePx, quality } = UTKFACE_FILE;
  const context = openCanvas(sidePx, sidePx);
  const image = context.createImageData(sidePx, sidePx);
  const pixels = cut(photo, frame, sidePx);
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    image.data[to] = pixels[from];
    image.data[to + 1] = pixels[from + 1];
    image.data[to + 2] = pixels[from + 2];
    image.data[to + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  const file = await context.canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
  return (await openSquare(file, sizePx)).pixels;
}

function openCanvas(widthPx: number, heightPx: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(widthPx, heightPx).getContext('2d', { willReadFrequently: true });
  if (!context) throw new InputError(`The browser has no room to draw ${widthPx} x ${heightPx} pixels: close other pages.`);
  return context;
}

/** Without the values for transparency. */
function pictureOn(context: OffscreenCanvasRenderingContext2D) {
  const { width: widthPx, height: heightPx } = context.canvas;
  const { data } = context.getImageData(0, 0, widthPx, heightPx);
  const pixels = new Uint8Array(3 * widthPx * heightPx);
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from];
    pixels[to + 1] = data[from + 1];
    pixels[to + 2] = data[from + 2];
  }
  return { widthPx, heightPx, pixels };
}
