/** From a photo to the age and the perceived gender of every face in it, by a saved model. */
import { projectPath } from '../base/project';
import { mean } from '../data/bands';
import { GENDER_NAMES, genderOf } from '../data/record';
import type { Box } from '../faces/box';
import { type FaceFinder, type FindOptions, openFaceFinder } from '../faces/finder';
import { frameFace, isFramed } from '../faces/frame';
import { mirror } from '../images/augment';
import { openImage, squareOf } from '../images/decode';
import { openPhoto, type Square } from '../images/photo';
import { type Forward, openForward } from '../model/forward';
import { intervalYears, quantilesOf, type Years } from '../model/interval';
import { loadModel, type ModelFacts, type SavedModel } from '../model/model-folder';

export interface Prediction {
  /** At least 0, though a linear head may answer less. */
  readonly ageYears: number;
  /** Whole years from and to which the true age lies, for `facts.ageIntervals.coverage` of faces; absent where the model was not calibrated. */
  readonly ageIntervalYears?: Years;
  /** Probability of 1, female; male has the rest. */
  readonly femaleProbability: number;
}

/**
 * How a photo was taken: faces were found in it and each was cut out as UTKFace has faces; or it is such a crop itself; or, because that
 * was asked for, as a whole, whatever it shows.
 */
export type Framing = 'detected' | 'aligned' | 'whole';

/** Places are in pixels of the upright photo as it is in its file. */
export interface FacePrediction extends Prediction {
  /** Around the face, or around the photo where nothing was looked for. */
  readonly box: Box;
  /** What was cut out for the network. */
  readonly frame: Square;
  /** How sure it is that this is a face, 0 to 1; null where nothing was looked for. */
  readonly score: number | null;
}

export interface PhotoPrediction {
  readonly file: string;
  readonly framing: Framing;
  /** From left to right; none where no face was found. */
  readonly faces: readonly FacePrediction[];
}

export interface PhotoOptions extends FindOptions {
  /** `aligned` and `whole` look for no face. */
  readonly framing?: Framing;
  /** Whether crops and whole photos are looked at twice, once mirrored, as faces that were found always are. */
  readonly flipAverage?: boolean;
}

/**
 * Sizes of the frame, in parts of what the landmarks say, in which each found face is looked at, and mirrored too: landmarks err by
 * some percent, and the mean answer hangs less on that than a single one.
 */
const LOOKS = [0.95, 1, 1.05] as const;

/** The caller disposes it. */
export class Predictor {
  private finder?: Promise<FaceFinder>;

  constructor(
    readonly facts: ModelFacts,
    private readonly model: SavedModel['model'],
    private readonly forward: Forward,
  ) {}

  /** Predicts from uint8 RGB pixels `[count, sizePx, sizePx, 3]` that are already scaled and cropped. */
  async predictPixels(pixels: Uint8Array): Promise<Prediction[]> {
    return this.predictionsOf(await this.forward.run(pixels));
  }

  /** The same, and what follows from the mean of the network's answers to them and to their mirror images, which `pixels` then hold. */
  async predictMirrored(pixels: Uint8Array): Promise<Record<'predictions' | 'flipAveraged', Prediction[]>> {
    const outputs = await this.forward.run(pixels);
    mirror(pixels, this.facts.sizePx);
    const mirrored = await this.forward.run(pixels);
    const means = outputs.map((output, which) => output.map((value, index) => (value + mirrored[which][index]) / 2));
    return { predictions: this.predictionsOf(outputs), flipAveraged: this.predictionsOf(means) };
  }

  /** What follows from the mean of the network's answers to several looks at one face, and to their mirror images. */
  private async predictMean(looks: readonly Uint8Array[]): Promise<Prediction> {
    const pixels = Buffer.concat([...looks, ...looks]);
    mirror(pixels.subarray(pixels.length / 2), this.facts.sizePx);
    const count = 2 * looks.length;
    const means = (await this.forward.run(pixels)).map((output) => {
      const size = output.length / count;
      return Float32Array.from({ length: size }, (_, at) => mean(Array.from({ length: count }, (_, look) => output[look * size + at])));
    });
    return this.predictionsOf(means)[0];
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

  /** Predicts every face of a photo. Throws an InputError for a file that is no image. */
  async predictPhoto(file: string, options: PhotoOptions = {}): Promise<PhotoPrediction> {
    return { file, ...(await this.predictImage(file, options)) };
  }

  /** The same for a photo in a file or in memory, as its file would be: bytes of a JPEG, say. */
  async predictImage(image: string | Buffer, options: PhotoOptions = {}): Promise<Omit<PhotoPrediction, 'file'>> {
    const { framing = 'detected' } = options;
    if (framing !== 'detected') return { framing, faces: [await this.predictWhole(image, options)] };
    const photo = await openPhoto(image);
    this.finder ??= openFaceFinder();
    const found = await (await this.finder).find(photo, options);
    const cropped = found.find(({ frame }) => isFramed(frame, photo));
    if (cropped) {
      const whole = await this.predictWhole(image, options);
      return { framing: 'aligned', faces: [{ ...whole, box: cropped.box, score: cropped.score }] };
    }
    const faces: FacePrediction[] = [];
    for (const face of found) {
      const { frame } = face;
      const looks = LOOKS.map((size) => frameFace(photo, { ...frame, sidePx: size * frame.sidePx }, this.facts.sizePx));
      faces.push({ ...(await this.predictMean(await Promise.all(looks))), ...face });
    }
    return { framing, faces };
  }

  private async predictWhole(image: string | Buffer, { flipAverage = false }: PhotoOptions): Promise<FacePrediction> {
    const { sizePx } = this.facts;
    return openImage(image, async (opened, { width, height }) => {
      const pixels = await squareOf(opened, sizePx, 'srgb');
      const [prediction] = flipAverage ? (await this.predictMirrored(pixels)).flipAveraged : await this.predictPixels(pixels);
      return { ...prediction, ...wholeOf(width, height) };
    });
  }

  dispose(): void {
    this.forward.dispose();
    this.model.dispose();
    void this.finder?.then((finder) => finder.dispose());
  }
}

/** Where the face is in a picture in which none was looked for. */
export function wholeOf(width: number, height: number): Pick<FacePrediction, 'box' | 'frame' | 'score'> {
  const frame = { x: width / 2, y: height / 2, sidePx: Math.min(width, height), turn: 0 };
  return { box: { x: 0, y: 0, width, height }, frame, score: null };
}

/** Loads the model in `folder`, the one that comes with the course if not given; the caller disposes the predictor. */
export async function openPredictor(folder = projectPath('data', 'model')): Promise<Predictor> {
  const { facts, model } = await loadModel(folder);
  return new Predictor(facts, model, await openForward(model));
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
