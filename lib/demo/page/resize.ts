/**
 * Pictures change their size here as in Node, where libvips does it (`vips_resize`): the network sees differences that no eye sees.
 * Smaller by Lanczos 3, columns first; larger by Catmull-Rom, rows first; in the same whole numbers, so that the same pixels come out.
 */
import type { Level } from '../../images/photo';

/** The square in the middle of a picture, its shorter side become `sizePx`: `sizePx * sizePx * 3` values. */
export function middleOf({ widthPx, heightPx, pixels }: Omit<Level, 'zoom'>, sizePx: number): Uint8Array {
  const scale = Math.min(widthPx, heightPx) / sizePx;
  const [columns, rows] = [heightPx, widthPx].map((from) => ({ from, to: sizePx, scale }));
  const square = new Uint8ClampedArray(3 * sizePx ** 2);
  if (scale >= 1) {
    const low = new Uint8ClampedArray(3 * widthPx * sizePx);
    resample(pixels, low, { ...columns, outer: 1, inner: 3 * widthPx });
    resample(low, square, { ...rows, outer: sizePx, inner: 3 });
  } else {
    const wide = new Int16Array(3 * sizePx * heightPx); // for once not clamped in between
    resample(pixels, wide, { ...rows, outer: heightPx, inner: 3 });
    resample(wide, square, { ...columns, outer: 1, inner: 3 * sizePx });
  }
  return new Uint8Array(square.buffer);
}

/** The direction in which values change their number: they are `[outer, from, inner]` and become `[outer, to, inner]`. */
interface Axis {
  readonly from: number;
  readonly to: number;
  /** How many old values there are to a new one. */
  readonly scale: number;
  readonly outer: number;
  readonly inner: number;
}

type Values = Uint8Array | Uint8ClampedArray | Int16Array;

/** A weight of 1. */
const ONE = 4096;
/** Places between two pixels that are told apart. */
const PHASES = 64;

function resample(values: Values, result: Values, axis: Axis): void {
  const { from, to, outer, inner } = axis;
  const sums = new Int32Array(inner);
  for (let place = 0; place < to; place++) {
    const taps = tapsOf(place, axis);
    for (let line = 0; line < outer; line++) {
      sums.fill(ONE / 2); // rounds
      for (const { at, weight } of taps) {
        const first = (line * from + at) * inner;
        for (let index = 0; index < inner; index++) sums[index] += weight * values[first + index];
      }
      const first = (line * to + place) * inner;
      for (let index = 0; index < inner; index++) result[first + index] = Math.floor(sums[index] / ONE);
    }
  }
}

/** Which pixels a new one is made of, and with what weights. Beyond the picture, its border goes on. */
function tapsOf(place: number, { from, to, scale }: Axis): readonly { readonly at: number; readonly weight: number }[] {
  const whole = Math.round(from / scale); // what the picture would be in the new size, of which the middle is wanted
  const inWhole = place + ((whole - to + 1) >> 1);
  // vips_resize has what it enlarges up to half a pixel further right and down than it should be.
  const exact = scale >= 1 ? (inWhole + 0.5) * scale - 0.5 - (whole * scale - from) / 2 : inWhole * scale - 0.5;
  const centre = scale === 1 ? inWhole : Math.round(PHASES * exact) / PHASES;
  const kernel = scale >= 1 ? LANCZOS_3 : CATMULL_ROM;
  const width = Math.max(1, scale);
  const reach = Math.ceil(kernel.reach * width);
  const first = Math.floor(centre) + 1 - reach;
  const weights = Array.from({ length: 2 * reach }, (_, tap) => kernel.at(Math.abs(first + tap - centre) / width));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, tap) => ({
    at: Math.min(from - 1, Math.max(0, first + tap)),
    weight: Math.trunc((ONE * weight) / sum),
  }));
}

/** How much a pixel counts at a distance from the new one's place, and how far it counts. */
interface Kernel {
  readonly reach: number;
  at(distance: number): number;
}

const LANCZOS_3: Kernel = {
  reach: 3,
  at: (d) => (d === 0 ? 1 : d < 3 ? (3 * Math.sin(Math.PI * d) * Math.sin((Math.PI * d) / 3)) / (Math.PI * d) ** 2 : 0),
};

const CATMULL_ROM: Kernel = {
  reach: 2,
  at: (d) => (d < 1 ? 1 - d ** 2 * (2.5 - 1.5 * d) : d < 2 ? 2 - d * (4 - d * (2.5 - 0.5 * d)) : 0),
};
