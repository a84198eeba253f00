/**
 * Pairs of images that show (nearly) the same picture: the Pearson correlation of their small grey images is at least
 * 0.98. The search is exact, and compares far fewer than all pairs:
 *
 * - an image minus its mean, scaled to length 1, is a vector; two of them correlate by r exactly when their squared
 *   distance is 2 (1 - r), so "r >= 0.98" reads "squared distance <= 0.04";
 * - an orthonormal cosine transform turns the vectors without changing any distance, and moves most of what tells
 *   faces apart into the first few coordinates (the coarse shapes);
 * - sorted by the coordinate that varies most, a vector's partners lie within 0.2 on it, and summing squared differences
 *   coarse shapes first passes 0.04 after a few terms for all but the true pairs.
 */

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

/**
 * Every pair of `images` (each `sizePx * sizePx` grey values) that correlates by at least `threshold`, ordered by index.
 * An image of one single grey has no correlation with anything and is never part of a pair.
 */
export function findNearDuplicates(
  images: readonly Uint8Array[],
  sizePx: number = NEAR_DUPLICATE_SIZE_PX,
  threshold: number = NEAR_DUPLICATE_CORRELATION,
): readonly CorrelatedPair[] {
  const transform = cosineTransform(sizePx);
  const vectors: { index: number; values: Float64Array }[] = [];
  for (const [index, image] of images.entries()) {
    const values = unitVector(image);
    if (values) vectors.push({ index, values: transform(values) });
  }
  const key = widestCoordinate(vectors.map(({ values }) => values));
  vectors.sort((a, b) => a.values[key] - b.values[key] || a.index - b.index);
  const limit = 2 * (1 - threshold) + 1e-12; // a rounding error must not lose a pair that lies exactly on the threshold
  const reach = Math.sqrt(limit);
  const pairs: CorrelatedPair[] = [];
  for (let left = 0; left < vectors.length; left++) {
    const a = vectors[left].values;
    for (let right = left + 1; right < vectors.length && vectors[right].values[key] - a[key] <= reach; right++) {
      const distance = squaredDistance(a, vectors[right].values, limit);
      if (distance > limit) continue;
      const [first, second] = [vectors[left].index, vectors[right].index].sort((x, y) => x - y);
      pairs.push({ first, second, correlation: Math.min(1, 1 - distance / 2) });
    }
  }
  return pairs.sort((a, b) => a.first - b.first || a.second - b.second);
}

/** The squared distance, or any number above `limit` as soon as it is known to be more. */
function squaredDistance(a: Float64Array, b: Float64Array, limit: number): number {
  let sum = 0;
  for (let index = 0; index < a.length && sum <= limit; index++) {
    const difference = a[index] - b[index];
    sum += difference * difference;
  }
  return sum;
}

/** Minus its mean, scaled to length 1; undefined for an image of one single grey. */
export function unitVector(image: Uint8Array): Float64Array | undefined {
  const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
  const values = Float64Array.from(image, (value) => value - mean);
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return norm < 1e-6 ? undefined : values.map((value) => value / norm);
}

/** The orthonormal 2-D DCT-II of square images, its coefficients ordered from coarse to fine. */
function cosineTransform(sizePx: number): (values: Float64Array) => Float64Array {
  const basis = new Float64Array(sizePx * sizePx);
  for (let frequency = 0; frequency < sizePx; frequency++) {
    const scale = Math.sqrt((frequency === 0 ? 1 : 2) / sizePx);
    for (let x = 0; x < sizePx; x++) basis[frequency * sizePx + x] = scale * Math.cos((Math.PI * (x + 0.5) * frequency) / sizePx);
  }
  const order = Array.from({ length: sizePx * sizePx }, (_, index) => index);
  const coarseness = (index: number): number => (index % sizePx) + Math.floor(index / sizePx);
  order.sort((a, b) => coarseness(a) - coarseness(b) || a - b);
  const rowsDone = new Float64Array(sizePx * sizePx);
  const both = new Float64Array(sizePx * sizePx);
  return (values) => {
    transformRows(values, basis, sizePx, rowsDone);
    transformRows(rowsDone, basis, sizePx, both);
    return Float64Array.from(order, (index) => both[index]);
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

function widestCoordinate(vectors: readonly Float64Array[]): number {
  if (vectors.length === 0) return 0;
  const sums = new Float64Array(vectors[0].length);
  const squares = new Float64Array(vectors[0].length);
  for (const vector of vectors) {
    for (let index = 0; index < vector.length; index++) {
      sums[index] += vector[index];
      squares[index] += vector[index] * vector[index];
    }
  }
  const spread = squares.map((square, index) => square - (sums[index] * sums[index]) / vectors.length);
  return spread.indexOf(Math.max(...spread));
}
