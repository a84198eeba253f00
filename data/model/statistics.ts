/** How sure a figure is, and how sure a model may be. */
import type { Random } from '../../lib/base/random';
import { groupBy, mean } from '../../lib/data/bands';
import { genderOf } from '../../lib/data/record';

const RESAMPLES = 2000;
const ECE_BINS = 15;

/** Faces of one cluster, such as copies of one picture, are drawn together. */
export interface Clustered {
  readonly cluster: string | number;
}

/** The mean of each measure, and the ends of its 95 % interval: percentiles of its means over resamples of whole clusters. */
export function bootstrap<F extends Clustered>(
  faces: readonly F[],
  measures: readonly ((face: F) => number)[],
  random: Random,
): number[][] {
  const clusters = [...groupBy(faces, ({ cluster }) => cluster).values()];
  const sums = clusters.map((cluster) => measures.map((measure) => cluster.reduce((sum, face) => sum + measure(face), 0)));
  const means = measures.map(() => new Float64Array(RESAMPLES));
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const totals = measures.map(() => 0);
    let count = 0;
    for (let draw = 0; draw < clusters.length; draw++) {
      const pick = Math.floor(random() * clusters.length);
      count += clusters[pick].length;
      for (let which = 0; which < totals.length; which++) totals[which] += sums[pick][which];
    }
    for (const [which, total] of totals.entries()) means[which][resample] = total / count;
  }
  return measures.map((measure, which) => {
    const sorted = means[which].sort();
    return [mean(faces.map(measure)), sorted[Math.floor(0.025 * RESAMPLES)], sorted[Math.ceil(0.975 * RESAMPLES) - 1]];
  });
}

/** The probability of 1 that was said of a face, and what it was. */
export interface Said {
  readonly p: number;
  readonly label: number;
}

/** Mean distance of accuracy from confidence over bins of as many faces each, by confidence in the likelier answer (Guo et al. 2017). */
export function calibrationError(said: readonly Said[]): number {
  const answers = said.map(({ p, label }) => ({ confidence: Math.max(p, 1 - p), isRight: Number(genderOf(p) === label) }));
  const sorted = answers.sort((a, b) => a.confidence - b.confidence);
  const edges = Array.from({ length: ECE_BINS + 1 }, (_, bin) => Math.round((bin * sorted.length) / ECE_BINS));
  const bins = edges.slice(1).map((end, bin) => sorted.slice(edges[bin], end));
  return bins.reduce((sum, bin) => {
    const apart = mean(bin.map(({ isRight }) => isRight)) - mean(bin.map(({ confidence }) => confidence));
    return sum + (bin.length / sorted.length) * Math.abs(apart);
  }, 0);
}
