/** Scores a saved model on labelled faces, beside the answers that need no face. */

import { InputError } from './base/errors';
import type { ProgressListener } from './base/progress';
import { byBand } from './data/bands';
import { type Catalog, type FaceRecord, genderOf } from './data/record';
import { mirror } from './images/augment';
import { packImages } from './images/pixel-cache';
import { bytesPerImage } from './images/pixel-file';
import { readSplitHashes, shortHash } from './model/model-folder';
import { openPredictor, type Prediction } from './predict';

export interface Scores {
  readonly ageMaeYears: number;
  /** In [0, 1]. */
  readonly genderAccuracy: number;
}

export interface Evaluation extends Scores {
  readonly count: number;
  /** How many of the scored files the model learned from. */
  readonly trainingImages: number;
  /** The mean of the answers to each picture and to its mirror image: a little better, at twice the work. */
  readonly flipAveraged: Scores;
  /** Always the mean age and the more frequent gender of the model's training side. */
  readonly baseline: Scores;
  /** The part with ages from 21 to 60, for which other people's figures exist. */
  readonly ages21to60: GroupScores;
  /** By decade of age; the last is everybody from 80 on. */
  readonly byAge: readonly (GroupScores & { readonly ages: string })[];
  readonly byGender: readonly (GroupScores & { readonly gender: 'male' | 'female' })[];
}

export interface GroupScores extends Scores {
  readonly count: number;
}

interface Answered {
  readonly record: FaceRecord;
  readonly prediction: Prediction;
}

export interface ScoredFace extends Answered {
  /** The mean of the predictions for the picture and for its mirror image. */
  readonly flipAveraged: Prediction;
}

const BATCH = 32;

/** Every usable file of the catalog (`all`), or the validation side recorded with the model (`run`). Throws an InputError where one of those is missing. */
export function chooseRecords(catalog: Catalog, modelFolder: string, which: 'all' | 'run'): readonly FaceRecord[] {
  if (which === 'all') return catalog.usable;
  const known = new Map(catalog.records.map((record) => [shortHash(record.sha256), record]));
  return readSplitHashes(modelFolder).validation.map((hash) => {
    const record = known.get(hash);
    if (!record) {
      throw new InputError(
        `${catalog.source.label}: the validation image ${hash}… of ${modelFolder} is not in it. Give the data that the model was trained with.`,
      );
    }
    return record;
  });
}

/** Runs the model over `records`, in order, and over their mirror images. */
export async function scoreFaces(
  modelFolder: string,
  catalog: Catalog,
  records: readonly FaceRecord[],
  onProgress?: ProgressListener,
): Promise<ScoredFace[]> {
  const predictor = await openPredictor(modelFolder);
  const images = await packImages(catalog.source.folder, distinct(records), predictor.facts.sizePx, onProgress);
  const scored: ScoredFace[] = [];
  try {
    for (let first = 0; first < records.length; first += BATCH) {
      const batch = records.slice(first, first + BATCH);
      const pixels = images.read(batch);
      const predictions = predictor.predictPixels(pixels);
      for (const index of batch.keys()) mirror(pixels, images.sizePx, index * bytesPerImage(images.sizePx));
      const mirrored = predictor.predictPixels(pixels);
      scored.push(
        ...batch.map((record, index) => ({
          record,
          prediction: predictions[index],
          flipAveraged: meanOf(predictions[index], mirrored[index]),
        })),
      );
      onProgress?.({ label: 'Scoring faces', done: scored.length, total: records.length, unit: 'images' });
    }
  } finally {
    images.close();
    predictor.dispose();
  }
  return scored;
}

/** The figures of scored faces, for a model whose training side gave `baseline`. */
export function summarise(
  scored: readonly ScoredFace[],
  modelFolder: string,
  baseline: { readonly meanAgeYears: number; readonly majorityGender: 0 | 1 },
): Evaluation {
  const trained = new Set(readSplitHashes(modelFolder).training);
  const constant: Prediction = { ageYears: baseline.meanAgeYears, femaleProbability: baseline.majorityGender };
  const middle = scored.filter(({ record }) => record.ageYears >= 21 && record.ageYears <= 60);
  return {
    count: scored.length,
    trainingImages: scored.filter(({ record }) => trained.has(shortHash(record.sha256))).length,
    ...scores(scored),
    flipAveraged: scores(scored.map(({ record, flipAveraged }) => ({ record, prediction: flipAveraged }))),
    baseline: scores(scored.map(({ record }) => ({ record, prediction: constant }))),
    ages21to60: group(middle),
    byAge: byBand(scored, ({ record }) => record.ageYears).map(({ band, items }) => ({ ages: band.label, ...group(items) })),
    byGender: (['male', 'female'] as const)
      .map((gender, code) => ({ gender, ...group(scored.filter(({ record }) => record.gender === code)) }))
      .filter((part) => part.count > 0),
  };
}

function meanOf(a: Prediction, b: Prediction): Prediction {
  return { ageYears: (a.ageYears + b.ageYears) / 2, femaleProbability: (a.femaleProbability + b.femaleProbability) / 2 };
}

function group(scored: readonly Answered[]): GroupScores {
  return { count: scored.length, ...scores(scored) };
}

function scores(scored: readonly Answered[]): Scores {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    ageMaeYears: mean(scored.map(({ record, prediction }) => Math.abs(prediction.ageYears - record.ageYears))),
    genderAccuracy: mean(scored.map(({ record, prediction }) => (isRight(record, prediction) ? 1 : 0))),
  };
}

/** Whether the more probable gender is the annotated one. */
export function isRight({ gender }: FaceRecord, { femaleProbability }: Prediction): boolean {
  return genderOf(femaleProbability) === gender;
}

function distinct(records: readonly FaceRecord[]): FaceRecord[] {
  return [...new Map(records.map((record) => [record.sha256, record])).values()];
}
