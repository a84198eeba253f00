/**
 * Pairs of images that show (nearly) the same picture: the Pearson correlation of their small grey images is at least
 * 0.98. The search is exact, and compares far fewer than all pairs:
 *
 * - an image minus its mean, scaled to length 1, is a vector; two of them correlate by r exactly when their squared
 *   distance is 2 (1 - r), so "r >= 0.98" reads "squared distance <= 0.04";
 * - an orthonormal cosine transform turns the vectors without changing any distance, and gathers most of what tells
 *   faces apart in a few coordinates (the coarse shapes);
 * - with the vectors sorted by the coordinate that varies most, the partners of one lie within 0.2 of it there, and summing
 *   squared differences in the order of variance passes 0.04 after a few terms for all but the true pairs.
 */

import { groupBy } from './bands';

/** So many pairs are listed at most: among thousands of frames of one face there are millions, and all in one cluster. */
export const MOST_PAIRS = 50_000;

/** From this correlation on, two images count as near duplicates. */
export const NEAR_DUPLICATE_CORRELATION = 0.98;

/** Side of the grey images that are compared. */
export const NEAR_DUPLICATE_SIZE_PX = 32;

export interface CorrelatedPair {
  /** Indices into the images, first < second. */
  readonly first: number;
  readonly second: number;
  readonly correlation: number;
}

export interface NearDuplicates {
  /** Ordered by index. Of more than MOST_PAIRS, those met first. */
  readonly pairs: readonly CorrelatedPair[];
  /** Which images pairs chain together, whether the pair is listed or not. */
  readonly chains: DisjointSets;
}

/**
 * Every pair of `images` (each `sizePx * sizePx` grey values) that correlates by at least `threshold`, and what they chain
 * together. An image of one single grey has no correlation with anything and is never part of a pair. Memory grows with the
 * images, whatever the number of pairs.
 */
export function findNearDuplicates(
  images: readonly Uint8Array[],
  sizePx: number = NEAR_DUPLICATE_SIZE_PX,
  threshold: number = NEAR_DUPLICATE_CORRELATION,
): NearDuplicates {
  const limit = 2 * (1 - threshold) + 1e-12; // a rounding error must not lose a pair that lies exactly on the threshold
  const reach = Math.sqrt(limit);
  const { rows, indices, width } = sortedVectors(images, sizePx);
  const pairs: CorrelatedPair[] = [];
  const chains = new DisjointSets(images.length);
  for (let left = 0; left < indices.length; left++) {
    const a = left * width;
    for (let right = left + 1; right < indices.length; right++) {
      const b = right * width;
      if (rows[b] - rows[a] > reach) break;
      const listed = pairs.length < MOST_PAIRS;
      if (!listed && chains.find(indices[left]) === chains.find(indices[right])) continue;
      let distance = 0;
      for (let term = 0; term < width && distance <= limit; term++) distance += (rows[a + term] - rows[b + term]) ** 2;
      if (distance > limit) continue;
      const [first, second] = [indices[left], indices[right]].sort((x, y) => x - y);
      chains.unite(first, second);
      if (listed) pairs.push({ first, second, correlation: Math.min(1, 1 - distance / 2) });
    }
  }
  return { pairs: pairs.sort((a, b) => a.first - b.first || a.second - b.second), chains };
}

/** Which of so many things belong together ("union-find"). */
export class DisjointSets {
  private readonly parents: Int32Array;

  constructor(count: number) {
    this.parents = Int32Array.from({ length: count }, (_, index) => index);
  }

  /** The same for all that belong together. */
  find(index: number): number {
    const { parents } = this;
    let top = index;
    while (parents[top] !== top) {
      parents[top] = parents[parents[top]]; // shortens the way for the next time
      top = parents[top];
    }
    return top;
  }

  unite(a: number, b: number): void {
    this.parents[this.find(a)] = this.find(b);
  }

  /** The sets of two or more of the items, which are as many as there are indices; in their order. */
  of<T>(items: readonly T[]): readonly (readonly T[])[] {
    return [...groupBy(items, (_, index) => this.find(index)).values()].filter((set) => set.length > 1);
  }
}

/** The transformed vectors one after the other, sorted by their first coordinate; the coordinates by falling variance. */
function sortedVectors(images: readonly Uint8Array[], sizePx: number): { rows: Float64Array; indices: readonly number[]; width: number } {
  const transform = cosineTransform(sizePx);
  const vectors: { index: number; values: Float64Array }[] = [];
  for (const [index, image] of images.entries()) {
    const values = unitVector(image);
    if (values) vectors.push({ index, values: transform(values) });
  }
  const width = sizePx * sizePx;
  const order = byFallingVariance(
    vectors.map(({ values }) => values),
    width,
  );
  vectors.sort((a, b) => a.values[order[0]] - b.values[order[0]] || a.index - b.index);
  const rows = new Float64Array(vectors.length * width);
  for (const [row, { values }] of vectors.entries()) {
    for (let term = 0; term < width; term++) rows[row * width + term] = values[order[term]];
  }
  return { rows, indices: vectors.map(({ index }) => index), width };
}

/** Minus its mean, scaled to length 1; undefined for an image of one single grey. */
export function unitVector(image: Uint8Array): Float64Array | undefined {
  let sum = 0;
  for (const value of image) sum += value;
  const mean = sum / image.length;
  const values = new Float64Array(image.length);
  let square = 0;
  for (let index = 0; index < image.length; index++) {
    values[index] = image[index] - mean;
    square += values[index] * values[index];
  }
  if (square < 1e-9) return undefined;
  const scale = 1 / Math.sqrt(square);
  for (let index = 0; index < values.length; index++) values[index] *= scale;
  return values;
}

/** The orthonormal 2-D DCT-II of square images. */
function cosineTransform(sizePx: number): (values: Float64Array) => Float64Array {
  const basis = new Float64Array(sizePx * sizePx);
  for (let frequency = 0; frequency < sizePx; frequency++) {
    const scale = Math.sqrt((frequency === 0 ? 1 : 2) / sizePx);
    for (let x = 0; x < sizePx; x++) basis[frequency * sizePx + x] = scale * Math.cos((Math.PI * (x + 0.5) * frequency) / sizePx);
  }
  const rowsDone = new Float64Array(sizePx * sizePx);
  return (values) => {
    transformRows(values, basis, sizePx, rowsDone);
    const both = new Float64Array(sizePx * sizePx);
    transformRows(rowsDone, basis, sizePx, both);
    return both;
  };
}

/** One-dimensional transform of every row, written transposed, so that doing it twice transforms both directions. */
function transformRows(input: Float64Array, basis: Float64Array, size: number, output: Float64Array): void {
  for (let row = 0; row < size; row++) {
    for (let frequency = 0; frequency < size; frequency++) {
      let sum = 0;
      for (let x = 0; x < size; x++) sum += basis[frequency * size + x] * input[row * size + x];
      output[frequency * size + row] = sum;
    }
  }
}

function byFallingVariance(vectors: readonly Float64Array[], width: number): Uint32Array {
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  for (const vector of vectors) {
    for (let index = 0; index < width; index++) {
      sums[index] += vector[index];
      squares[index] += vector[index] * vector[index];
    }
  }
  const spread = squares.map((square, index) => square - (sums[index] * sums[index]) / vectors.length);
  return Uint32Array.from({ length: width }, (_, index) => index).sort((a, b) => spread[b] - spread[a] || a - b);
}
