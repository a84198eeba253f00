/** How sure a figure is: 95 % intervals by the bootstrap, in which faces that belong together are drawn together. */
import type { Random } from '../base/random';
import { groupBy, mean } from '../data/bands';

/** A mean, and the ends of its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of a measure over at least one face, and percentiles of its means over resamples of whole clusters, such as near copies of one
 * picture (Efron and Tibshirani 1993, "An Introduction to the Bootstrap"). From sums over clusters, so for whatever is a mean over faces: mean
 * absolute error, bias, accuracy, shares, and the difference of two models, as the mean of what they differ by on each face (the paired
 * bootstrap); not for medians, ROC areas or calibration errors.
 */
export function bootstrap<F>(
  faces: readonly F[],
  measure: (face: F) => number,
  clusterOf: (face: F) => string | number,
  random: Random,
  resamples = 2000,
): Estimate {
  const clusters = [...groupBy(faces, clusterOf).values()];
  const sums = Float64Array.from(clusters, (cluster) => cluster.reduce((sum, face) => sum + measure(face), 0));
  const counts = Float64Array.from(clusters, ({ length }) => length);
  const means = new Float64Array(resamples).map(() => {
    let sum = 0;
    let count = 0;
    for (let draw = 0; draw < clusters.length; draw++) {
      const pick = Math.floor(random() * clusters.length);
      sum += sums[pick];
      count += counts[pick];
    }
    return sum / count;
  });
  means.sort();
  return { value: mean(faces.map(measure)), low: percentile(means, 2.5), high: percentile(means, 97.5) };
}

/** The value below which `percent` of the sorted values lie, between two of them in a straight line, as NumPy's `percentile`. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const place = (percent / 100) * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
