/** From an image file to an age and a perceived gender, by a saved model. */
import { GENDER_NAMES, genderOf } from './data/record';
import { mirror } from './images/augment';
import { decodeRgb } from './images/decode';
import { type Forward, openForward } from './model/forward';
import { intervalYears, quantilesOf, type Years } from './model/interval';
import { loadModel, type ModelFacts } from './model/model-folder';

export interface Prediction {
  /** At least 0, though a linear head may answer less. */
  readonly ageYears: number;
  /** Whole years from and to which the true age lies, for `facts.ageIntervals.coverage` of faces; absent where the model was not calibrated. */
  readonly ageIntervalYears?: Years;
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
    return this.predictionsOf(this.forward.run(pixels));
  }

  /** The same, and what follows from the mean of the network's answers to them and to their mirror images, which `pixels` then hold. */
  predictMirrored(pixels: Uint8Array): Record<'predictions' | 'flipAveraged', Prediction[]> {
    const outputs = this.forward.run(pixels);
    mirror(pixels, this.facts.sizePx);
    const mirrored = this.forward.run(pixels);
    const means = outputs.map((output, which) => output.map((value, index) => (value + mirrored[which][index]) / 2));
    return { predictions: this.predictionsOf(outputs), flipAveraged: this.predictionsOf(means) };
  }

  private predictionsOf([ages, genders, distributions]: readonly Float32Array[]): Prediction[] {
    const { ageIntervals } = this.facts;
    const quantiles = quantilesOf(ages, distributions);
    return Array.from(ages, (age, index) => {
      const ageYears = Math.max(0, age);
      const ageIntervalYears = ageIntervals && intervalYears(ageIntervals, quantiles[index], ageYears);
      return { ageYears, ...(ageIntervalYears && { ageIntervalYears }), femaleProbability: genders[2 * index + 1] };
    });
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

/** "34 years (27 to 43), female (91 %)". */
export function describePrediction(prediction: Prediction): string {
  const gender = genderOf(prediction.femaleProbability);
  const probability = gender === 1 ? prediction.femaleProbability : 1 - prediction.femaleProbability;
  return `${ageText(prediction)}, ${GENDER_NAMES[gender]} (${Math.round(100 * probability)} %)`;
}

/** "34 years (27 to 43)"; of a model without intervals, "34 years (no interval)". */
export function ageText({ ageYears, ageIntervalYears }: Prediction): string {
  return `${Math.round(ageYears)} years (${ageIntervalYears?.join(' to ') ?? 'no interval'})`;
}
