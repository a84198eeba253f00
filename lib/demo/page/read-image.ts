/** How pixels come out of images in a browser. */
import type { FaceFinder } from '../../faces/finder';
import { UTKFACE_FILE } from '../../faces/frame';
import { cut, type Photo, photoOf, type Square, zoomOf } from '../../images/photo';
import type { ImageReader } from '../../predict/predictor';

function canvasOf(width: number, height: number) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  return { canvas, context };
}

function rgbOf(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from];
    rgb[to + 1] = rgba[from + 1];
    rgb[to + 2] = rgba[from + 2];
  }
  return rgb;
}

async function pixelsOf(image: ImageBitmapSource, zoom?: number) {
  const bitmap = await createImageBitmap(image);
  const { width: widthPx, height: heightPx } = bitmap;
  const factor = zoom ?? zoomOf(widthPx, heightPx);
  const { context } = canvasOf(Math.ceil(widthPx * factor), Math.ceil(heightPx * factor));
  context.fillStyle = '#fff';
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, context.canvas.width, context.canvas.height);
  const { width, height } = context.canvas;
  return {
    widthPx,
    heightPx,
    first: { widthPx: width, heightPx: height, zoom: factor, pixels: rgbOf(context.getImageData(0, 0, width, height).data) },
  };
}

/** Lanczos 3, as sharp has it. */
export function resized(pixels: Uint8Array, fromPx: number, toPx: number): Uint8Array {
  const scale = fromPx / toPx;
  const reach = 3 * Math.max(1, scale);
  const taps = Array.from({ length: toPx }, (_, to) => {
    const centre = (to + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(fromPx - 1, Math.floor(centre + reach));
    const weights = Float32Array.from({ length: last - first + 1 }, (_, at) => lanczos((first + at - centre) / Math.max(1, scale)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / sum) };
  });
  const tall = new Uint8ClampedArray(3 * fromPx * toPx);
  for (let y = 0; y < toPx; y++) {
    const { first, weights } = taps[y];
    for (let x = 0; x < 3 * fromPx; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * pixels[(first + k) * 3 * fromPx + x];
      tall[y * 3 * fromPx + x] = sum;
    }
  }
  const result = new Uint8ClampedArray(3 * toPx * toPx);
  for (let y = 0; y < toPx; y++) {
    for (let x = 0; x < toPx; x++) {
      const { first, weights } = taps[x];
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * tall[(y * fromPx + first + k) * 3 + c];
        result[(y * toPx + x) * 3 + c] = sum;
      }
    }
  }
  return new Uint8Array(result.buffer);
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  const angle = Math.PI * x;
  return (3 * Math.sin(angle) * Math.sin(angle / 3)) / angle ** 2;
}

export function browserReader(openFinder: () => Promise<FaceFinder>): ImageReader<Blob> {
  return {
    open: async (image) => {
      const { widthPx, heightPx, first } = await pixelsOf(image);
      return photoOf(widthPx, heightPx, first);
    },
    square: async (image, sizePx) => {
      const { widthPx, heightPx, first } = await pixelsOf(image, 1);
      const side = Math.min(widthPx, heightPx);
      const [left, top] = [(widthPx - side) >> 1, (heightPx - side) >> 1];
      const square = new Uint8Array(3 * side * side);
      for (let y = 0; y < side; y++) {
        const from = 3 * ((top + y) * widthPx + left);
        square.set(first.pixels.subarray(from, from + 3 * side), 3 * y * side);
      }
      return { pixels: resized(square, side, sizePx), widthPx, heightPx };
    },
    frame: async (photo: Photo, frame: Square, sizePx: number) => {
      const { sidePx, quality } = UTKFACE_FILE;
      const rgb = cut(photo, frame, sidePx);
      const { canvas, context } = canvasOf(sidePx, sidePx);
      const image = context.createImageData(sidePx, sidePx);
      for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
        image.data[to] = rgb[from];
        image.data[to + 1] = rgb[from + 1];
        image.data[to + 2] = rgb[from + 2];
        image.data[to + 3] = 255;
      }
      context.putImageData(image, 0, 0);
      const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
      const { first } = await pixelsOf(file, 1);
      return resized(first.pixels, sidePx, sizePx);
    },
    openFinder,
  };
}
