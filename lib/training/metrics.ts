/** From predictions and labels to the numbers that are watched; and what is reached without looking at a face. */
import type { FaceRecord } from '../dataset/record';
import type { Baselines, EpochMetrics } from './history';
import type { Predictions } from './step';

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

/** Sums over examples, added up batch by batch. */
export class MetricSums {
  private count = 0;
  private squares = 0;
  private crossEntropy = 0;
  private absoluteYears = 0;
  private correct = 0;

  constructor(private readonly scale: AgeScale) {}

  /** `ages` in the head's unit, as in `predictions`. */
  add(predictions: Predictions, ages: Float32Array, genders: Int32Array): void {
    for (let index = 0; index < ages.length; index++) {
      const error = predictions.ages[index] - ages[index];
      const probability = predictions.genders[2 * index + genders[index]];
      this.squares += error * error;
      this.absoluteYears += Math.abs(error) * this.scale.sdYears;
      this.crossEntropy -= Math.log(Math.max(probability, 1e-7));
      if (probability > 0.5) this.correct++;
    }
    this.count += ages.length;
  }

  metrics(): EpochMetrics {
    const ageLoss = this.squares / this.count;
    const genderLoss = this.crossEntropy / this.count;
    return {
      loss: ageLoss + genderLoss,
      ageLoss,
      genderLoss,
      ageMaeYears: this.absoluteYears / this.count,
      genderAccuracy: this.correct / this.count,
    };
  }
}

/** The training side's mean age and majority class, held against the validation side. */
export function baselinesOf(training: readonly FaceRecord[], validation: readonly FaceRecord[], scale: AgeScale): Baselines {
  const meanAgeYears = mean(training.map(({ ageYears }) => ageYears));
  const femaleShare = mean(training.map(({ gender }) => gender));
  const majorityGender = femaleShare > 0.5 ? 1 : 0;
  const errorsYears = validation.map(({ ageYears }) => ageYears - meanAgeYears);
  return {
    meanAgeYears,
    majorityGender,
    ageMaeYears: mean(errorsYears.map(Math.abs)),
    genderAccuracy: mean(validation.map(({ gender }) => (gender === majorityGender ? 1 : 0))),
    ageLoss: mean(errorsYears.map((error) => (error / scale.sdYears) ** 2)),
    genderLoss: mean(validation.map(({ gender }) => -Math.log(gender === 1 ? femaleShare : 1 - femaleShare))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
