/** Colours of the drawn faces: red, green and blue from 0 to 255, mixed and written as SVG wants them. */

export type Colour = readonly [red: number, green: number, blue: number];

/** `share` 0 gives `from`, 1 gives `to`. */
export function mix(from: Colour, to: Colour, share: number): Colour {
  const channel = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [channel(0), channel(1), channel(2)];
}

/** Towards black for a negative amount, towards white for a positive one; -1 to 1. */
export function shade(colour: Colour, amount: number): Colour {
  return amount < 0 ? mix(colour, [30, 14, 10], -amount) : mix(colour, [255, 250, 242], amount);
}

export function css([red, green, blue]: Colour): string {
  return `rgb(${Math.round(red)},${Math.round(green)},${Math.round(blue)})`;
}

/** Lightest and darkest skin of each of UTKFace's five groups, in the order of RACE_NAMES; they overlap, as in life. */
export const SKIN_RANGES: readonly (readonly [Colour, Colour])[] = [
  [
    [246, 214, 190],
    [222, 172, 138],
  ],
  [
    [150, 98, 66],
    [84, 52, 36],
  ],
  [
    [243, 210, 172],
    [214, 168, 124],
  ],
  [
    [206, 152, 108],
    [142, 94, 60],
  ],
  [
    [226, 180, 140],
    [170, 118, 80],
  ],
];

/** Hair colours with how often they are met, for light and for dark complexions. */
export const LIGHT_HAIR: readonly (readonly [Colour, number])[] = [
  [[222, 182, 112], 3],
  [[176, 128, 74], 3],
  [[122, 78, 44], 4],
  [[74, 48, 32], 4],
  [[38, 28, 24], 2],
  [[166, 76, 38], 1],
];

export const DARK_HAIR: readonly (readonly [Colour, number])[] = [
  [[28, 22, 22], 6],
  [[48, 34, 28], 3],
  [[78, 50, 34], 1],
];

export const GREY_HAIR: Colour = [206, 204, 200];

export const EYE_COLOURS: readonly Colour[] = [
  [92, 132, 168],
  [96, 128, 92],
  [112, 84, 52],
];
export const DARK_EYES: Colour = [62, 40, 26];

/** Walls, foliage, skies and studio cloth. */
export const BACKGROUNDS: readonly Colour[] = [
  [238, 236, 230],
  [206, 212, 216],
  [146, 158, 170],
  [96, 116, 140],
  [58, 66, 82],
  [34, 34, 38],
  [168, 186, 154],
  [98, 122, 88],
  [214, 190, 158],
  [160, 112, 84],
  [190, 140, 140],
  [122, 100, 134],
];

export const CLOTHES: readonly Colour[] = [
  [52, 60, 78],
  [34, 34, 36],
  [236, 234, 230],
  [128, 46, 50],
  [70, 98, 134],
  [92, 118, 88],
  [196, 164, 116],
  [140, 110, 150],
];
