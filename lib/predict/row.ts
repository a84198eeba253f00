/** An answer as other programs read it: a line of JSON. Its fields are described for them in row.schema.json beside this file. */
import { GENDER_NAMES, genderOf } from '../data/record';
import type { Box } from '../faces/box';
import type { PhotoAnswer } from './predict-files';
import type { FacePrediction, Framing } from './predictor';

export interface FaceRow {
  /** One decimal. */
  readonly ageYears: number;
  /** Holds the annotated age of four faces in five; absent where the model was never calibrated. */
  readonly ageIntervalYears?: readonly [low: number, high: number];
  /** Probabilities with three decimals, which add up to 1, and the name of the higher one. */
  readonly gender: { readonly male: number; readonly female: number; readonly label: (typeof GENDER_NAMES)[number] };
  /** Whole pixels of the upright photo in its file. */
  readonly box: Box;
  /** How sure it is that this is a face, three decimals; null where nobody looked for one. */
  readonly score: number | null;
}

export interface PhotoRow {
  readonly file: string;
  /** Empty where no face was found, and where the file could not be read. */
  readonly faces: readonly FaceRow[];
  readonly framing: Framing;
  /** Why the file could not be read. */
  readonly error?: string;
}

/** The answer under the name that the reader knows the file by. */
export function rowOf({ faces, framing, error }: PhotoAnswer, file: string): PhotoRow {
  return { file, faces: faces.map(faceRow), framing, ...(error !== undefined && { error }) };
}

function faceRow({ ageYears, ageIntervalYears, femaleProbability, box, score }: FacePrediction): FaceRow {
  const female = rounded(femaleProbability, 3);
  return {
    ageYears: rounded(ageYears, 1),
    ...(ageIntervalYears && { ageIntervalYears: [rounded(ageIntervalYears[0], 1), rounded(ageIntervalYears[1], 1)] as const }),
    gender: { male: rounded(1 - female, 3), female, label: GENDER_NAMES[genderOf(femaleProbability)] },
    box: { x: Math.round(box.x), y: Math.round(box.y), width: Math.round(box.width), height: Math.round(box.height) },
    score: score === null ? null : rounded(score, 3),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
