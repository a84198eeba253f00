/** How sure a figure is: 95 % intervals by the bootstrap, in which faces that belong together are drawn together. */
import type { Random } from '../base/random';
import { groupBy } from '../data/bands';

/** A mean, and the ends of its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of each measure, and percentiles of its means over resamples of whole clusters, such as near copies of one picture (Efron and
 * Tibshirani 1993, "An Introduction to the Bootstrap"). A face for which a measure is NaN has no part in it; null where all are such.
 * For whatever is a mean over faces: mean absolute error, bias, accuracy, shares, and the difference of two models on the same faces, as the
 * mean of what they differ by on each. Not for medians, ROC areas or calibration errors: sums of clusters do not give these.
 */
export function bootstrap<F>(
  faces: readonly F[],
  clusterOf: (face: F) => string | number,
  measures: readonly ((face: F) => number)[],
  random: Random,
  resamples = 2000,
): (Estimate | null)[] {
  const clusters = [...groupBy(faces, clusterOf).values()];
  const tallies = measures.map((measure) => {
    const known = clusters.map((cluster) => cluster.map(measure).filter((value) => !Number.isNaN(value)));
    const sums = Float64Array.from(known, (values) => values.reduce((sum, value) => sum + value, 0));
    return { sums, counts: Float64Array.from(known, ({ length }) => length), means: new Float64Array(resamples) };
  });
  const meanOf = ({ sums, counts }: (typeof tallies)[number], picks: Uint32Array) => {
    let [sum, count] = [0, 0];
    for (const pick of picks) {
      sum += sums[pick];
      count += counts[pick];
    }
    return sum / count;
  };
  for (let resample = 0; resample < resamples; resample++) {
    const picks = Uint32Array.from(clusters, () => Math.floor(random() * clusters.length));
    for (const tally of tallies) tally.means[resample] = meanOf(tally, picks);
  }
  return tallies.map((tally) => {
    const sorted = tally.means.filter((value) => !Number.isNaN(value)).sort(); // a draw may have missed all that the measure knows
    const value = meanOf(tally, Uint32Array.from(clusters.keys()));
    return sorted.length > 0 ? { value, low: percentile(sorted, 2.5), high: percentile(sorted, 97.5) } : null;
  });
}

/** The value below which `percent` of the sorted values lie, between two of them in a straight line, as NumPy's `percentile`. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const place = (percent / 100) * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
