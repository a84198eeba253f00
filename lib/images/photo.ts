/**
 * A whole photo as pixels, at several sizes, and the one way in which a square is cut out of it: at any place, of any size, turned by
 * any angle. What finds faces and what frames them both come here, in Node and in a browser.
 */

/** Upright and in sRGB, transparency laid on white. All places in a photo are in pixels of its file. */
export interface Photo {
  readonly widthPx: number;
  readonly heightPx: number;
  /** The photo as it was read, the same at half that size, and so on; what lies in between is interpolated. */
  readonly levels: readonly Level[];
}

export interface Level {
  readonly widthPx: number;
  readonly heightPx: number;
  /** RGB values row by row. */
  readonly pixels: Uint8Array;
  /** Its pixels for each pixel of the file, 1 or less. */
  readonly zoom: number;
}

/** A square in a photo: its centre and side in pixels, turned clockwise by `turn` radians. It may reach beyond the photo. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly sidePx: number;
  readonly turn: number;
}

/** Larger photos are halved until they have no more: enough for the faces of a large group, and a few dozen MB. */
const MOST_PIXELS = 6_000_000;
const SMALLEST_LEVEL_PX = 32;

/** The part of its pixels each way that a photo is read with. */
export function zoomOf(widthPx: number, heightPx: number): number {
  let zoom = 1;
  while (widthPx * heightPx * zoom ** 2 > MOST_PIXELS) zoom /= 2;
  return zoom;
}

/** A photo of that size, of which `first` was read. */
export function photoOf(widthPx: number, heightPx: number, first: Level): Photo {
  const levels = [first];
  for (let last = first; Math.min(last.widthPx, last.heightPx) >= 2 * SMALLEST_LEVEL_PX; levels.push(last)) last = halved(last);
  return { widthPx, heightPx, levels };
}

/** Each pixel the mean of four; an odd last row or column is left out. */
function halved({ widthPx, heightPx, pixels, zoom }: Level): Level {
  const [width, height] = [widthPx >> 1, heightPx >> 1];
  const half = new Uint8Array(3 * width * height);
  const row = 3 * widthPx;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = 2 * y * row;
    for (let x = 0; x < width; x++, from += 6) {
      for (let c = from; c < from + 3; c++) half[to++] = (pixels[c] + pixels[c + 3] + pixels[c + row] + pixels[c + row + 3] + 2) >> 2;
    }
  }
  return { widthPx: width, heightPx: height, pixels: half, zoom: zoom / 2 };
}

/**
 * The square's content, `sizePx * sizePx * 3` values: bilinear, from the level of the photo whose pixels are nearest in size to
 * those of the result, so that a large face does not alias. Beyond the photo, its border goes on.
 */
export function cut({ levels }: Photo, { x, y, sidePx, turn }: Square, sizePx: number): Uint8Array {
  const level = Math.round(Math.log2((levels[0].zoom * sidePx) / sizePx));
  const nearest = levels[Math.min(levels.length - 1, Math.max(0, level))];
  const { zoom } = nearest;
  const stepX = (Math.cos(turn) * sidePx * zoom) / sizePx;
  const stepY = (Math.sin(turn) * sidePx * zoom) / sizePx;
  const content = new Uint8Array(3 * sizePx ** 2);
  let to = 0;
  for (let v = 0; v < sizePx; v++) {
    const across = v + 0.5 - sizePx / 2;
    for (let u = 0; u < sizePx; u++, to += 3) {
      const along = u + 0.5 - sizePx / 2;
      writeColour(nearest, x * zoom + along * stepX - across * stepY, y * zoom + along * stepY + across * stepX, content, to);
    }
  }
  return content;
}

/**
 * Writes a picture's colour at a place, in its pixels from its upper left corner, to `result[to]` and the two values behind it:
 * bilinear between the centres of pixels. Beyond the picture, its border goes on.
 */
export function writeColour(picture: Omit<Level, 'zoom'>, x: number, y: number, result: Uint8Array, to: number): void {
  const { widthPx, heightPx, pixels } = picture;
  const px = Math.min(widthPx - 1, Math.max(0, x - 0.5));
  const py = Math.min(heightPx - 1, Math.max(0, y - 0.5));
  const left = Math.floor(px);
  const top = Math.floor(py);
  const upper = 3 * (top * widthPx + left);
  const lower = top < heightPx - 1 ? upper + 3 * widthPx : upper;
  const next = left < widthPx - 1 ? 3 : 0;
  for (let c = 0; c < 3; c++) {
    const above = pixels[upper + c] + (px - left) * (pixels[upper + next + c] - pixels[upper + c]);
    const below = pixels[lower + c] + (px - left) * (pixels[lower + next + c] - pixels[lower + c]);
    result[to + c] = above + (py - top) * (below - above) + 0.5;
  }
}

/** Mirrors, in place, uint8 RGB `[images, sizePx, sizePx, 3]`, row by row. */
export function mirror(images: Uint8Array, sizePx: number): void {
  const width = 3 * sizePx;
  for (let start = 0; start < images.length; start += width) {
    const row = new Uint8Array(images.subarray(start, start + width)); // a copy, of a Buffer too, whose slice is none
    for (let at = 0; at < width; at += 3) {
      for (let channel = 0; channel < 3; channel++) images[start + at + channel] = row[width - 3 - at + channel];
    }
  }
}

/** A point of the square, in parts of its side from its upper left corner, as a point of the photo. */
export function inPhoto({ x, y, sidePx, turn }: Square, [u, v]: Point): Point {
  const [along, across] = [(u - 0.5) * sidePx, (v - 0.5) * sidePx];
  return [x + along * Math.cos(turn) - across * Math.sin(turn), y + along * Math.sin(turn) + across * Math.cos(turn)];
}

export type Point = readonly [x: number, y: number];
