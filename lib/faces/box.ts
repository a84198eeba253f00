/** Upright boxes around faces, in pixels of a photo, and which of them mean the same face. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Boxes that overlap by more mean the same face; and of a face's box, the share in a wider one's that makes it a part of that. */
export const SAME_FACE = 0.3;
export const MOST_INSIDE = 0.8;

/** Intersection over union, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const both = intersection(a, b);
  return both / (a.width * a.height + b.width * b.height - both);
}

/** The share of `a` that lies inside `b`. */
export function insideOf(a: Box, b: Box): number {
  return intersection(a, b) / (a.width * a.height);
}

function intersection(a: Box, b: Box): number {
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x));
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));
  return width * height;
}

/** Of boxes that overlap by more than `most`, the one with the highest score (non-maximum suppression). Highest score first. */
export function strongest<T extends { readonly box: Box; readonly score: number }>(found: readonly T[], most: number): T[] {
  const kept: T[] = [];
  for (const one of [...found].sort((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => overlap(box, one.box) <= most)) kept.push(one);
  }
  return kept;
}
