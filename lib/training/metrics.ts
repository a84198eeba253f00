/** From predictions and labels to the numbers that are watched; and what is reached without looking at a face. */
import { mean, median } from '../data/bands';
import { type FaceRecord, genderOf } from '../data/record';
import type { Predictions } from './graph-step';
import type { Baselines, EpochMetrics } from './history';
import type { Labels } from './labels';

/** Ages as the head learns them: `(years - meanYears) / sdYears`; with years as they are, mean 0 and sd 1. */
export interface AgeScale {
  readonly meanYears: number;
  readonly sdYears: number;
}

export const YEARS_AS_THEY_ARE: AgeScale = { meanYears: 0, sdYears: 1 };

/** Mean and standard deviation of the training side's ages. */
export function standardScale(records: readonly FaceRecord[]): AgeScale {
  const meanYears = mean(records.map(({ ageYears }) => ageYears));
  const variance = mean(records.map(({ ageYears }) => (ageYears - meanYears) ** 2));
  return { meanYears, sdYears: Math.sqrt(variance) || 1 };
}

/** The scale that a configuration asks for. */
export function ageScaleOf(ageScale: 'standardised' | 'years', training: readonly FaceRecord[]): AgeScale {
  return ageScale === 'standardised' ? standardScale(training) : YEARS_AS_THEY_ARE;
}

/** What metrics are made from: sums over examples, as plain numbers that a checkpoint can hold. */
export interface Accumulator {
  readonly count: number;
  readonly squares: number;
  readonly crossEntropy: number;
  readonly absoluteYears: number;
  readonly correct: number;
}

export const EMPTY: Accumulator = { count: 0, squares: 0, crossEntropy: 0, absoluteYears: 0, correct: 0 };

/** The accumulator with a batch more. Ages are in the head's unit. */
export function accumulate(before: Accumulator, predictions: Predictions, { ages, genders }: Labels, scale: AgeScale): Accumulator {
  let { squares, crossEntropy, absoluteYears, correct } = before;
  for (let index = 0; index < ages.length; index++) {
    const error = predictions.ages[index] - ages[index];
    const probability = predictions.genders[2 * index + genders[index]];
    squares += error * error;
    absoluteYears += Math.abs(error) * scale.sdYears;
    crossEntropy -= Math.log(Math.max(probability, 1e-7));
    if (genderOf(predictions.genders[2 * index + 1]) === genders[index]) correct++;
  }
  return { count: before.count + ages.length, squares, crossEntropy, absoluteYears, correct };
}

export function metricsOf({ count, squares, crossEntropy, absoluteYears, correct }: Accumulator): EpochMetrics {
  const ageLoss = squares / count;
  const genderLoss = crossEntropy / count;
  return { loss: ageLoss + genderLoss, ageLoss, genderLoss, ageMaeYears: absoluteYears / count, genderAccuracy: correct / count };
}

/**
 * The training side's best constant answers, held against the validation side: the median age has the least absolute error,
 * the mean the least squared one.
 */
export function baselinesOf(training: readonly FaceRecord[], validation: readonly FaceRecord[], scale: AgeScale): Baselines {
  const agesYears = training.map(({ ageYears }) => ageYears);
  const [meanAgeYears, medianAgeYears] = [mean(agesYears), median(agesYears)];
  const femaleShare = mean(training.map(({ gender }) => gender));
  const majorityGender = genderOf(femaleShare);
  return {
    meanAgeYears,
    medianAgeYears,
    majorityGender,
    ageMaeYears: mean(validation.map(({ ageYears }) => Math.abs(ageYears - medianAgeYears))),
    genderAccuracy: mean(validation.map(({ gender }) => (gender === majorityGender ? 1 : 0))),
    ageLoss: mean(validation.map(({ ageYears }) => ((ageYears - meanAgeYears) / scale.sdYears) ** 2)),
    genderLoss: mean(validation.map(({ gender }) => -Math.log(gender === 1 ? femaleShare : 1 - femaleShare))),
  };
}
