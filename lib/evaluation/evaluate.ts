/** Scores a saved model on labelled faces, beside the answers that need no face. */
import { inBatches } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { byDecade, mean } from '../data/bands';
import { type Catalog, type Face, type FaceRecord, genderOf, hasAge, shortHash } from '../data/record';
import { openPixelCache } from '../images/pixel-cache';
import { type ModelFacts, readSplitHashes } from '../model/model-folder';
import type { Prediction } from '../predict/answer';
import type { Predictor } from '../predict/predictor';
import { type AgeMetrics, ageMetrics } from './age-metrics';
import { type GenderMetrics, genderMetrics } from './gender-metrics';

/** Null where there is nothing to measure on. */
export interface Scores {
  readonly ageMaeYears: number | null;
  /** In [0, 1]. */
  readonly genderAccuracy: number | null;
}

/** Null as in `Scores`. */
export interface Metrics {
  readonly age: AgeMetrics | null;
  readonly gender: GenderMetrics | null;
}

/** How many faces were judged, the share whose annotated age their interval holds, in [0, 1], and how wide intervals are. */
export interface IntervalScores {
  readonly count: number;
  readonly coverage: number | null;
  readonly meanWidthYears: number | null;
}

export interface Evaluation extends Scores {
  readonly count: number;
  /** How many of the scored files the model learned from. */
  readonly trainingImages: number;
  /** The mean of the answers to each picture and to its mirror image: a little better, at twice the work. */
  readonly flipAveraged: Scores;
  /** Always the median age and the more frequent gender of the model's training side. */
  readonly baseline: Scores;
  /** All metrics of each of the three. */
  readonly metrics: Readonly<Record<'model' | 'flipAveraged' | 'baseline', Metrics>>;
  /** Of faces whose age is a range: how many, and the shares, in [0, 1], of answers and of baselines within. */
  readonly ageInRange: { readonly count: number; readonly share: number | null; readonly baselineShare: number | null };
  /** On the faces with intervals that the model has neither learned from nor been calibrated by. */
  readonly ageIntervals: IntervalScores & { readonly byAge: readonly (IntervalScores & { readonly ages: string })[] };
}

/** A face and what a model says of it. */
export interface Answered<F extends Face = FaceRecord> {
  readonly record: F;
  readonly prediction: Prediction;
}

export interface ScoredFace<F extends Face = FaceRecord> extends Answered<F> {
  /** The mean of the predictions for the picture and for its mirror image. */
  readonly flipAveraged: Prediction;
}

const BATCH = 32;

/** The records that the model in `modelFolder` has not learned from or, if so said, been calibrated by either. */
export function unseenBy<F extends Face>(modelFolder: string, records: readonly F[], norCalibrated = false): readonly F[] {
  const { training, calibration } = readSplitHashes(modelFolder);
  const seen = new Set(norCalibrated ? [...training, ...calibration] : training);
  return records.filter(({ sha256 }) => !seen.has(shortHash(sha256)));
}

/** Runs the model over `records`, in order, and over their mirror images. */
export async function scoreFaces<F extends Face>(
  predictor: Predictor,
  catalog: Catalog,
  records: readonly F[],
  onProgress?: ProgressListener,
): Promise<ScoredFace<F>[]> {
  const distinct = [...new Map(records.map((record) => [record.sha256, record])).values()];
  const images = await openPixelCache(catalog.source.folder, distinct, predictor.facts.sizePx, onProgress);
  const scored: ScoredFace<F>[] = [];
  try {
    for (const batch of inBatches(records, BATCH)) {
      const { predictions, flipAveraged } = await predictor.predictMirrored(images.read(batch));
      for (const [index, record] of batch.entries()) {
        scored.push({ record, prediction: predictions[index], flipAveraged: flipAveraged[index] });
      }
      onProgress?.({ label: 'Scoring faces', done: scored.length, total: records.length, unit: 'images' });
    }
  } finally {
    images.close();
  }
  return scored;
}

/** The figures of scored faces, for a model whose training side gave `baseline`. Faces of unknown age count for gender alone. */
export function summarise(scored: readonly ScoredFace<Face>[], modelFolder: string, baseline: ModelFacts['baseline']): Evaluation {
  const constant: Prediction = { ageYears: baseline.medianAgeYears, femaleProbability: baseline.majorityGender };
  const aged = scored.filter(isAged);
  const records = scored.map(({ record }) => record);
  const strangers = new Set<Face>(unseenBy(modelFolder, records, true));
  const judged = aged.filter(({ record, prediction }) => strangers.has(record) && prediction.ageIntervalYears);
  const averaged = scored.map(({ record, flipAveraged }) => ({ record, prediction: flipAveraged }));
  const constants = records.map((record) => ({ record, prediction: constant }));
  const ranged = records.filter(({ ageRangeYears }) => ageRangeYears);
  const metrics = { model: metricsOf(scored), flipAveraged: metricsOf(averaged), baseline: metricsOf(constants) };
  const byAge = byDecade(judged, ({ record }) => record.ageYears);
  return {
    count: scored.length,
    ...scoresOf(metrics.model),
    trainingImages: scored.length - unseenBy(modelFolder, records).length,
    flipAveraged: scoresOf(metrics.flipAveraged),
    baseline: scoresOf(metrics.baseline),
    metrics,
    ageInRange: { count: ranged.length, share: inRange(scored), baselineShare: inRange(constants) },
    ageIntervals: { ...intervalScores(judged), byAge: byAge.map(({ label, items }) => ({ ages: label, ...intervalScores(items) })) },
  };
}

/** The faces from the smallest error in years to the largest. */
export function byAgeError(scored: readonly ScoredFace[]): ScoredFace[] {
  return [...scored].sort((a, b) => errorYears(a) - errorYears(b));
}

/** How far off an answer is, never negative; NaN where the age is not known. */
export function errorYears({ record, prediction }: Answered<Face>): number {
  return Math.abs(prediction.ageYears - (record.ageYears ?? Number.NaN));
}

/** 1 where the gender that the answer names is the annotated one, else 0. */
export function isRight({ record, prediction }: Answered<Face>): number {
  return Number(genderOf(prediction.femaleProbability) === record.gender);
}

/** 1 where the age, in whole years as answers are told (rounded), is in the annotated range, else 0; NaN where there is none. */
export function isInRange({ record: { ageRangeYears }, prediction }: Answered<Face>): number {
  if (!ageRangeYears) return Number.NaN;
  const [age, [first, last]] = [Math.round(prediction.ageYears), ageRangeYears];
  return Number(age >= first && age <= (last ?? age));
}

function inRange(answered: readonly Answered<Face>[]): number | null {
  const known = answered.map(isInRange).filter((inside) => !Number.isNaN(inside));
  return known.length > 0 ? mean(known) : null;
}

export function isAged<A extends Answered<Face>>(answered: A): answered is A & Answered {
  return hasAge(answered.record);
}

/** Ages count in whole years, as in the intervals: who is 43 and a half is 43. */
function intervalScores(judged: readonly Answered[]): IntervalScores {
  if (judged.length === 0) return { count: 0, coverage: null, meanWidthYears: null };
  const ends = judged.map(({ prediction }) => prediction.ageIntervalYears ?? [0, 0]);
  const ages = judged.map(({ record }) => Math.floor(record.ageYears));
  const inside = ends.filter(([low, high], index) => low <= ages[index] && ages[index] <= high);
  return { count: ends.length, coverage: inside.length / ends.length, meanWidthYears: mean(ends.map(([low, high]) => high - low)) };
}

function scoresOf({ age, gender }: Metrics): Scores {
  return { ageMaeYears: age?.maeYears ?? null, genderAccuracy: gender?.accuracy ?? null };
}

function metricsOf(answered: readonly Answered<Face>[]): Metrics {
  const errorsYears = answered.filter(isAged).map(({ record, prediction }) => prediction.ageYears - record.ageYears);
  const said = answered.map(({ record, prediction }) => ({ p: prediction.femaleProbability, label: record.gender }));
  return { age: errorsYears.length > 0 ? ageMetrics(errorsYears) : null, gender: said.length > 0 ? genderMetrics(said) : null };
}
