/** Faces with what speaks for one answer or the other laid over them. */
import { imageOf } from '../images/decode';

/** Okabe and Ito's blue and orange, which no common kind of colour blindness confuses: for less, and for more. */
const [LESS, MORE] = [[0, 114, 178], [230, 159, 0]] as const; // prettier-ignore
const MOST_OPACITY = 0.8;

/** A map as large as the picture; full colour stands for `most` and beyond. */
export interface Heat {
  readonly values: Float32Array;
  readonly most: number;
}

/** A face of RGB pixels as a JPEG, and beside it the same in grey, so that no skin is taken for a colour of the map, under each heat. */
export function heatStrip(pixels: Uint8Array, sizePx: number, heats: readonly Heat[]): Promise<Buffer> {
  const widthPx = sizePx * (1 + heats.length);
  const strip = new Uint8Array(3 * widthPx * sizePx);
  for (let at = 0; at < sizePx ** 2; at++) {
    const place = Math.floor(at / sizePx) * widthPx + (at % sizePx);
    const colour = pixels.subarray(3 * at, 3 * at + 3);
    const grey = 50 + 0.7 * (0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]);
    strip.set(colour, 3 * place);
    for (const [index, { values, most }] of heats.entries()) {
      const opacity = MOST_OPACITY * Math.min(1, Math.abs(values[at]) / most);
      const mixed = (values[at] < 0 ? LESS : MORE).map((channel) => opacity * channel + (1 - opacity) * grey);
      strip.set(mixed, 3 * (place + (1 + index) * sizePx));
    }
  }
  return imageOf(strip, widthPx, sizePx).resize({ width: 2 * widthPx }).jpeg({ quality: 85 }).toBuffer(); // prettier-ignore
}
