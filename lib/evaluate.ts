/** Scores a saved model on labelled faces, beside the answers that need no face. */
import type { ProgressListener } from './base/progress';
import { byDecade, mean } from './data/bands';
import { type Catalog, type Face, type FaceRecord, GENDER_NAMES, genderOf, hasAge, RACE_NAMES } from './data/record';
import { mirror } from './images/augment';
import { openPixelCache } from './images/pixel-cache';
import { type ModelFacts, readSplitHashes, shortHash } from './model/model-folder';
import type { Prediction, Predictor } from './predict';

/** Null where there is nothing to measure on. */
export interface Scores {
  readonly ageMaeYears: number | null;
  /** In [0, 1]. */
  readonly genderAccuracy: number | null;
}

export interface GroupScores extends Scores {
  readonly count: number;
}

export interface Evaluation extends GroupScores {
  /** How many of the scored files the model learned from. */
  readonly trainingImages: number;
  /** The mean of the answers to each picture and to its mirror image: a little better, at twice the work. */
  readonly flipAveraged: Scores;
  /** Always the median age and the more frequent gender of the model's training side. */
  readonly baseline: Scores;
  /** The part with ages from 21 to 60, for which other people's figures exist. */
  readonly ages21to60: GroupScores;
  /** By decade of age; the last is everybody from 80 on. */
  readonly byAge: readonly (GroupScores & { readonly ages: string })[];
  readonly byGender: readonly (GroupScores & { readonly gender: (typeof GENDER_NAMES)[number] })[];
  readonly byRace: readonly (GroupScores & { readonly race: (typeof RACE_NAMES)[number] })[];
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

/** The records that are not in the training side of the model in `modelFolder`. */
export function unseenBy<F extends Face>(modelFolder: string, records: readonly F[]): readonly F[] {
  const trained = new Set(readSplitHashes(modelFolder).training);
  return records.filter(({ sha256 }) => !trained.has(shortHash(sha256)));
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
    for (let first = 0; first < records.length; first += BATCH) {
      const batch = records.slice(first, first + BATCH);
      const pixels = images.read(batch);
      const predictions = predictor.predictPixels(pixels);
      mirror(pixels, images.sizePx);
      const mirrored = predictor.predictPixels(pixels);
      for (const [index, record] of batch.entries()) {
        const prediction = predictions[index];
        scored.push({ record, prediction, flipAveraged: meanOf(prediction, mirrored[index]) });
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
  const withFaces = <G extends GroupScores>(groups: readonly G[]) => groups.filter(({ count }) => count > 0);
  return {
    ...group(scored),
    trainingImages: scored.length - unseenBy(modelFolder, records).length,
    flipAveraged: scores(scored.map(({ record, flipAveraged }) => ({ record, prediction: flipAveraged }))),
    baseline: scores(records.map((record) => ({ record, prediction: constant }))),
    ages21to60: group(aged.filter(({ record }) => record.ageYears >= 21 && record.ageYears <= 60)),
    byAge: byDecade(aged, ({ record }) => record.ageYears).map(({ label, items }) => ({ ages: label, ...group(items) })),
    byGender: withFaces(GENDER_NAMES.map((gender, code) => ({ gender, ...group(scored.filter(({ record }) => record.gender === code)) }))),
    byRace: withFaces(RACE_NAMES.map((race, code) => ({ race, ...group(scored.filter(({ record }) => record.race === code)) }))),
  };
}

/** The faces from the smallest error in years to the largest. */
export function byAgeError(scored: readonly ScoredFace[]): ScoredFace[] {
  return [...scored].sort((a, b) => errorYears(a) - errorYears(b));
}

/** How far off an answer is, never negative. */
export function errorYears({ record, prediction }: Answered): number {
  return Math.abs(prediction.ageYears - record.ageYears);
}

function meanOf(a: Prediction, b: Prediction): Prediction {
  return { ageYears: (a.ageYears + b.ageYears) / 2, femaleProbability: (a.femaleProbability + b.femaleProbability) / 2 };
}

function isAged<A extends Answered<Face>>(answered: A): answered is A & Answered {
  return hasAge(answered.record);
}

function group(scored: readonly Answered<Face>[]): GroupScores {
  return { count: scored.length, ...scores(scored) };
}

function scores(scored: readonly Answered<Face>[]): Scores {
  if (scored.length === 0) return { ageMaeYears: null, genderAccuracy: null };
  const aged = scored.filter(isAged);
  const right = scored.filter(({ record, prediction }) => genderOf(prediction.femaleProbability) === record.gender);
  return { ageMaeYears: aged.length > 0 ? mean(aged.map(errorYears)) : null, genderAccuracy: right.length / scored.length };
}
