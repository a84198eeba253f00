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
const SIZE = NEAR_DUPLICATE_SIZE_PX;
const TERMS = SIZE * SIZE;

export interface CorrelatedPair {
  /** Indices into the images, first < second. */
  readonly first: number;
  readonly second: number;
  readonly correlation: number;
}

/** Squared, in the space of unit vectors; a rounding error must not lose a pair that lies exactly on the threshold. */
const MOST_DISTANCE = 2 * (1 - NEAR_DUPLICATE_CORRELATION) + 1e-12;
const REACH = Math.sqrt(MOST_DISTANCE);

/**
 * Every pair of `images` (each 32 x 32 grey values) that correlates enough, and what they chain together. An image of one
 * single grey has no correlation with anything and is never part of a pair. Memory grows with the images, whatever the number of
 * pairs: of more than MOST_PAIRS, those met first are listed, by index, and all are chained.
 */
export function findNearDuplicates(images: readonly Uint8Array[]): { pairs: readonly CorrelatedPair[]; chains: DisjointSets } {
  const { rows, indices } = sortedVectors(images);
  const pairs: CorrelatedPair[] = [];
  const chains = new DisjointSets(images.length);
  for (let left = 0; left < indices.length; left++) {
    const a = left * TERMS;
    for (let right = left + 1; right < indices.length; right++) {
      const b = right * TERMS;
      if (rows[b] - rows[a] > REACH) break;
      const listed = pairs.length < MOST_PAIRS;
      if (!listed && chains.find(indices[left]) === chains.find(indices[right])) continue;
      let distance = 0;
      for (let term = 0; term < TERMS && distance <= MOST_DISTANCE; term++) distance += (rows[a + term] - rows[b + term]) ** 2;
      if (distance > MOST_DISTANCE) continue;
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

/** The vectors one after the other, sorted by their first term, and the images that they are of; terms by falling variance. */
function sortedVectors(images: readonly Uint8Array[]): { rows: Float64Array; indices: readonly number[] } {
  const vectors = vectorsOf(images);
  const order = byFallingVariance([...vectors.values()]);
  const sorted = [...vectors].sort(([i, a], [j, b]) => a[order[0]] - b[order[0]] || i - j);
  const rows = new Float64Array(sorted.length * TERMS);
  for (const [row, [, vector]] of sorted.entries()) {
    for (let place = 0; place < TERMS; place++) rows[row * TERMS + place] = vector[order[place]];
  }
  return { rows, indices: sorted.map(([index]) => index) };
}

/** Of every image that is not of one single grey, by its index: minus its mean, scaled to length 1, transformed. */
function vectorsOf(images: readonly Uint8Array[]): ReadonlyMap<number, Float64Array> {
  const vectors = new Map<number, Float64Array>();
  for (const [index, image] of images.entries()) {
    const values = new Float64Array(image);
    let [sum, square] = [0, 0];
    for (const value of image) sum += value;
    for (let at = 0; at < TERMS; at++) {
      values[at] -= sum / TERMS;
      square += values[at] * values[at];
    }
    const scale = 1 / Math.sqrt(square);
    for (let at = 0; at < TERMS; at++) values[at] *= scale;
    if (square >= 1e-9) vectors.set(index, transformRows(transformRows(values)));
  }
  return vectors;
}

/** The orthonormal DCT-II: a row for each frequency. */
const BASIS = Float64Array.from({ length: TERMS }, (_, index) => {
  const [frequency, x] = [Math.floor(index / SIZE), index % SIZE];
  return Math.sqrt((frequency === 0 ? 1 : 2) / SIZE) * Math.cos((Math.PI * (x + 0.5) * frequency) / SIZE);
});

/** One-dimensional transform of every row, written transposed, so that doing it twice transforms both directions. */
function transformRows(input: Float64Array): Float64Array {
  const output = new Float64Array(TERMS);
  for (let row = 0; row < SIZE; row++) {
    for (let frequency = 0; frequency < SIZE; frequency++) {
      let sum = 0;
      for (let x = 0; x < SIZE; x++) sum += BASIS[frequency * SIZE + x] * input[row * SIZE + x];
      output[frequency * SIZE + row] = sum;
    }
  }
  return output;
}

/** Terms, those that vary most first. */
function byFallingVariance(vectors: readonly Float64Array[]): Uint32Array {
  const sums = new Float64Array(TERMS);
  const squares = new Float64Array(TERMS);
  for (const vector of vectors) {
    for (let term = 0; term < TERMS; term++) {
      sums[term] += vector[term];
      squares[term] += vector[term] * vector[term];
    }
  }
  const spread = squares.map((square, term) => square - (sums[term] * sums[term]) / vectors.length);
  return Uint32Array.from(spread.keys()).sort((a, b) => spread[b] - spread[a] || a - b);
}
