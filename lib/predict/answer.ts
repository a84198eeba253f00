/** What a network's outputs say of a face: an age with its interval, and a perceived gender; and how that is told. */
import { GENDER_NAMES, genderOf } from '../data/record';
import { intervalYears, quantilesOf, type Years } from '../model/interval';
import type { ModelFacts } from '../model/model-folder';

export interface Prediction {
  /** At least 0, though a linear head may answer less. */
  readonly ageYears: number;
  /** Whole years from and to which the true age lies, for `facts.ageIntervals.coverage` of faces; absent where the model was not calibrated. */
  readonly ageIntervalYears?: Years;
  /** Probability of 1, female; male has the rest. */
  readonly femaleProbability: number;
}

/** A prediction for each face, from the network's outputs for all. */
export function answersOf({ ageIntervals }: ModelFacts, [ages, genders, distributions]: readonly Float32Array[]): Prediction[] {
  const quantiles = quantilesOf(ages, distributions);
  return Array.from(ages, (age, index) => {
    const ageYears = Math.max(0, age);
    const ageIntervalYears = ageIntervals && intervalYears(ageIntervals, quantiles[index], ageYears);
    return { ageYears, ...(ageIntervalYears && { ageIntervalYears }), femaleProbability: genders[2 * index + 1] };
  });
}

/** "34 years (27 to 43), female 91 %". */
export function describePrediction(prediction: Prediction): string {
  return `${ageText(prediction)}, ${genderText(prediction.femaleProbability)}`;
}

/** "34 years (27 to 43)"; of a model without intervals, "34 years (no interval)". */
export function ageText({ ageYears, ageIntervalYears }: Pick<Prediction, 'ageYears' | 'ageIntervalYears'>): string {
  return `${Math.round(ageYears)} years (${ageIntervalYears?.join(' to ') ?? 'no interval'})`;
}

/** Between these probabilities nobody should speak of a gender. */
const UNCERTAIN = { from: 0.2, to: 0.8 } as const;

/** "female 91 %", "male 63 %, uncertain": the likelier of two perceived labels. */
export function genderText(femaleProbability: number): string {
  const gender = genderOf(femaleProbability);
  const probability = gender === 1 ? femaleProbability : 1 - femaleProbability;
  const uncertain = femaleProbability >= UNCERTAIN.from && femaleProbability <= UNCERTAIN.to;
  return `${GENDER_NAMES[gender]} ${Math.round(100 * probability)} %${uncertain ? ', uncertain' : ''}`;
}
