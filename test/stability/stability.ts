/** How much a model's answers hang on how a picture was taken and saved. */
import { mean, median } from '../../lib/data/bands';
import { genderOf } from '../../lib/data/record';
import { openPhoto } from '../../lib/images/decode';
import type { FacePrediction, PhotoOptions, Predictor } from '../../lib/predict/predictor';
import { centralOf } from '../../lib/tools/frame-photos';
import { asVariant, VARIANTS } from './variants';

export interface Stability {
  /** Of the pictures: those in which a face was found in every variant. */
  readonly faces: number;
  /** From the least to the greatest age that a face's twelve variants were given. */
  readonly medianRangeYears: number;
  readonly meanRangeYears: number;
  /** Of the variants: how many were given another gender than the picture as it is, in [0, 1]. */
  readonly flips: number;
  /** What each variant moves the age by on average, in years, and how often it flips the gender. */
  readonly byVariant: readonly {
    readonly name: string;
    readonly meanShiftYears: number;
    readonly meanChangeYears: number;
    readonly flips: number;
  }[];
}

/** Judges square pictures; of those with several faces, the central one. */
export async function stabilityOf(
  predictor: Predictor,
  files: readonly string[],
  options: PhotoOptions,
  onFile: (done: number) => void = () => undefined,
): Promise<Stability> {
  const answers: { readonly ages: readonly number[]; readonly genders: readonly number[] }[] = [];
  for (const [index, file] of files.entries()) {
    const photo = await openPhoto(file);
    const found: FacePrediction[] = [];
    for (const variant of VARIANTS) {
      const { image, sidePx } = await asVariant(photo, variant);
      const face = centralOf((await predictor.predictImage(image, options)).faces, sidePx, sidePx);
      if (face) found.push(face);
    }
    if (found.length === VARIANTS.length) {
      answers.push({
        ages: found.map(({ ageYears }) => ageYears),
        genders: found.map(({ femaleProbability }) => genderOf(femaleProbability)),
      });
    }
    onFile(index + 1);
  }
  const ranges = answers.map(({ ages }) => Math.max(...ages) - Math.min(...ages));
  const byVariant = VARIANTS.map(({ name }, index) => {
    const changes = answers.map(({ ages }) => ages[index] - ages[0]);
    const flips = mean(answers.map(({ genders }) => Number(genders[index] !== genders[0])));
    return { name, meanShiftYears: mean(changes), meanChangeYears: mean(changes.map(Math.abs)), flips };
  });
  return {
    faces: answers.length,
    medianRangeYears: median(ranges),
    meanRangeYears: mean(ranges),
    flips: mean(byVariant.slice(1).map(({ flips }) => flips)),
    byVariant,
  };
}
