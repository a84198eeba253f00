/** How sure a figure is: 95 % intervals by the bootstrap, in which faces that belong together are drawn together. */
import type { Random } from '../base/random';
import { groupBy } from '../data/bands';

/** Faces of one cluster, such as near copies of one picture, say no more than one face does. */
export interface Clustered {
  readonly cluster: string | number;
}

/** A mean, and the ends of its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of each measure over the faces that have it, and percentiles of its means over resamples of whole clusters (Efron and
 * Tibshirani 1993, chapter 13); null where no face has it. For whatever is a mean over faces: mean absolute error, bias, accuracy, shares, and the
 * difference of two models on the same faces, as the mean of what they differ by on each; not for medians, areas under curves or
 * calibration errors, which sums of clusters do not give.
 */
export function bootstrap<F extends Clustered>(
  faces: readonly F[],
  measures: readonly ((face: F) => number | undefined)[],
  random: Random,
  resamples = 2000,
): (Estimate | null)[] {
  const clusters = [...groupBy(faces, ({ cluster }) => cluster).values()];
  const tallies = measures.map((measure) => {
    const known = clusters.map((cluster) => cluster.map(measure).filter((value) => value !== undefined));
    const sums = Float64Array.from(known, (values) => values.reduce((sum, value) => sum + value, 0));
    const counts = Float64Array.from(known, ({ length }) => length);
    return { sums, counts, means: new Float64Array(resamples) };
  });
  const picks = new Uint32Array(clusters.length);
  for (let resample = 0; resample < resamples; resample++) {
    for (let draw = 0; draw < picks.length; draw++) picks[draw] = Math.floor(random() * picks.length);
    for (const { sums, counts, means } of tallies) means[resample] = meanOf(sums, counts, picks);
  }
  return tallies.map(({ sums, counts, means }) => {
    const sorted = means.filter((value) => !Number.isNaN(value)).sort();
    if (sorted.length === 0) return null;
    return { value: meanOf(sums, counts, clusters.keys()), low: percentile(sorted, 2.5), high: percentile(sorted, 97.5) };
  });
}

function meanOf(sums: Float64Array, counts: Float64Array, picks: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const pick of picks) {
    sum += sums[pick];
    count += counts[pick];
  }
  return sum / count;
}

/** The value below which `percent` of the sorted values lie, between two of them in a straight line, as NumPy's `percentile`. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const place = (percent / 100) * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
