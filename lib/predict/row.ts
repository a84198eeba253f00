/** An answer as other programs read it: a line of JSON. Its fields are described for them in row.schema.json beside this file. */
import { GENDER_NAMES, genderOf } from '../data/record';
import type { PhotoAnswer } from './predict-files';
import type { FacePrediction } from './predictor';

/** One decimal of an age, three of a score and of probabilities, whole pixels. */
export interface FaceRow extends Omit<FacePrediction, 'femaleProbability' | 'frame'> {
  /** Probabilities that add up to 1, and the name of the higher one. */
  readonly gender: { readonly male: number; readonly female: number; readonly label: (typeof GENDER_NAMES)[number] };
}

export interface PhotoRow extends Omit<PhotoAnswer, 'faces'> {
  readonly faces: readonly FaceRow[];
}

/** The answer under the name that the reader knows the file by. */
export function rowOf({ faces, framing, error }: PhotoAnswer, file: string): PhotoRow {
  return { file, faces: faces.map(faceRow), framing, ...(error !== undefined && { error }) };
}

function faceRow({ ageYears, ageIntervalYears, femaleProbability, box, score }: FacePrediction): FaceRow {
  const female = rounded(femaleProbability, 3);
  return {
    ageYears: rounded(ageYears, 1),
    ...(ageIntervalYears && { ageIntervalYears }),
    gender: { male: rounded(1 - female, 3), female, label: GENDER_NAMES[genderOf(femaleProbability)] },
    box: { x: Math.round(box.x), y: Math.round(box.y), width: Math.round(box.width), height: Math.round(box.height) },
    score: score === null ? null : rounded(score, 3),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
