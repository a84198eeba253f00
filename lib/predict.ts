/** From an image file to an age and a perceived gender, by a saved model. */
import { GENDER_NAMES, genderOf } from './data/record';
import { decodeRgb } from './images/decode';
import { type Forward, openForward } from './model/forward';
import { loadModel, type ModelFacts } from './model/model-folder';

export interface Prediction {
  /** At least 0, though a linear head may answer less. */
  readonly ageYears: number;
  /** Probability of 1, female; male has the rest. */
  readonly femaleProbability: number;
}

export interface ImagePrediction extends Prediction {
  readonly file: string;
}

export class Predictor {
  constructor(
    readonly facts: ModelFacts,
    private readonly forward: Forward,
  ) {}

  /** Predicts from uint8 RGB pixels `[count, sizePx, sizePx, 3]` that are already scaled and cropped. */
  predictPixels(pixels: Uint8Array): Prediction[] {
    const [ages, genders] = this.forward.run(pixels);
    return Array.from(ages, (ageYears, index) => ({ ageYears: Math.max(0, ageYears), femaleProbability: genders[2 * index + 1] }));
  }

  /** Decodes one image as training does, and predicts. Throws an InputError for a file that is no image. */
  async predictImage(file: string): Promise<ImagePrediction> {
    const [prediction] = this.predictPixels(await decodeRgb(file, this.facts.sizePx));
    return { file, ...prediction };
  }

  dispose(): void {
    this.forward.dispose();
  }
}

/** Loads the model in `folder`, in the way that is quickest for so many batches; the caller disposes the predictor. */
export async function openPredictor(folder: string, expectedRuns?: number): Promise<Predictor> {
  const { facts, model } = await loadModel(folder);
  const forward = await openForward(model, expectedRuns);
  return new Predictor(facts, {
    run: (inputs) => forward.run(inputs),
    dispose: () => {
      forward.dispose();
      model.dispose();
    },
  });
}

/** "about 34 years, female (91 %)". */
export function describePrediction({ ageYears, femaleProbability }: Prediction): string {
  const gender = genderOf(femaleProbability);
  const probability = gender === 1 ? femaleProbability : 1 - femaleProbability;
  return `about ${Math.round(ageYears)} years, ${GENDER_NAMES[gender]} (${Math.round(100 * probability)} %)`;
}
