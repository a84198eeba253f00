/**
 * The proportions of a drawn head, in px around the middle of the face, y down. A child's eyes are large and low, its face
 * round, its nose short; growing up moves the eyes to the middle, lengthens nose and chin, and widens the mouth.
 */
import type { Traits } from './traits';

export interface Shape {
  readonly topY: number;
  readonly chinY: number;
  /** Half the width at the temples, the jaw's corner, and the chin. */
  readonly templeX: number;
  readonly jawX: number;
  readonly chinX: number;
  readonly jawY: number;
  readonly eyeX: number;
  readonly eyeY: number;
  /** Half width and half height of an eye's opening. */
  readonly eyeWidth: number;
  readonly eyeHeight: number;
  readonly browY: number;
  readonly noseY: number;
  readonly noseWidth: number;
  readonly mouthY: number;
  readonly mouthWidth: number;
  /** 0 up to the thirties, 1 about 85: how far skin has creased and lids have sunk. */
  readonly wear: number;
}

export function shapeOf({ maturity, ruggedness, looksYears, narrowEyes }: Traits): Shape {
  const grown = (child: number, adult: number): number => child + (adult - child) * maturity;
  const rugged = ruggedness * maturity;
  const wear = Math.min(1, Math.max(0, (looksYears - 30) / 52));
  const eyeY = grown(22, -6);
  const noseY = eyeY + grown(17, 36) + wear * 4;
  return {
    topY: -80,
    chinY: grown(66, 82) + rugged * 4,
    templeX: grown(68, 57) + rugged * 4,
    jawX: grown(52, 37) + rugged * 14 + wear * 3,
    chinX: grown(22, 14) + rugged * 10,
    jawY: grown(44, 50),
    eyeX: grown(30, 25.5),
    eyeY,
    eyeWidth: grown(15, 11.5) - wear,
    eyeHeight: (grown(12, 6.6) - wear * 1.6 - rugged) * (narrowEyes ? 0.68 : 1),
    browY: eyeY - grown(22, 16) + rugged * 3,
    noseY,
    noseWidth: grown(8, 11) + rugged * 3 + wear * 2,
    mouthY: noseY + grown(15, 21) + rugged * 2,
    mouthWidth: grown(13, 20) + rugged * 2,
    wear,
  };
}

/** A number as SVG needs it: a tenth of a px is enough. */
export function px(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}

/** Fills the numbers of a path: path`M ${x} ${y} L …`. */
export function path(texts: TemplateStringsArray, ...values: readonly number[]): string {
  return texts.map((text, index) => (index < values.length ? text + px(values[index]) : text)).join('');
}
