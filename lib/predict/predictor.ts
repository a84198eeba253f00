/** From a photo to the age and the perceived gender of every face in it, by a saved model, in Node and in a browser. */
import { mean } from '../data/bands';
import type { Box } from '../faces/box';
import type { FaceFinder, FindOptions } from '../faces/finder';
import { isFramed } from '../faces/frame';
import { mirror, type Photo, type Square } from '../images/photo';
import type { Forward } from '../model/forward';
import type { ModelFacts } from '../model/model-folder';
import { answersOf, type Prediction } from './answer';

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

/** How pixels come out of images, which a browser does by other means than Node. */
export interface ImageReader<Image> {
  open(image: Image): Promise<Photo>;
  /** The middle of an image that is framed as UTKFace's: `sizePx * sizePx * 3` RGB values, and the size of the upright image. */
  square(image: Image, sizePx: number): Promise<{ readonly pixels: Uint8Array; readonly widthPx: number; readonly heightPx: number }>;
  /** What the network is shown of a face in its frame: `sizePx * sizePx * 3` RGB values. */
  frame(photo: Photo, frame: Square, sizePx: number): Promise<Uint8Array>;
  openFinder(): Promise<FaceFinder>;
}

/**
 * Sizes of the frame, in parts of what the landmarks say, in which each found face is looked at, and mirrored too: landmarks err by
 * some percent, and the mean answer hangs less on that than a single one.
 */
export const LOOKS = [0.95, 1, 1.05] as const;

/** Predicts from files, or from what they hold; in a browser, from blobs. The caller disposes it, and what it was given with it. */
export class Predictor<Image = string | Buffer> {
  private finder?: Promise<FaceFinder>;

  constructor(
    readonly facts: ModelFacts,
    private readonly forward: Forward,
    private readonly reader: ImageReader<Image>,
  ) {}

  /** Predicts from uint8 RGB pixels `[count, sizePx, sizePx, 3]` that are already scaled and cropped. */
  async predictPixels(pixels: Uint8Array): Promise<Prediction[]> {
    return answersOf(this.facts, await this.forward.run(pixels));
  }

  /** The same, and what follows from the mean of the network's answers to them and to their mirror images, which `pixels` then hold. */
  async predictMirrored(pixels: Uint8Array): Promise<Record<'predictions' | 'flipAveraged', Prediction[]>> {
    const outputs = await this.forward.run(pixels);
    mirror(pixels, this.facts.sizePx);
    const mirrored = await this.forward.run(pixels);
    const means = outputs.map((output, which) => output.map((value, index) => (value + mirrored[which][index]) / 2));
    return { predictions: answersOf(this.facts, outputs), flipAveraged: answersOf(this.facts, means) };
  }

  /** What follows from the mean of the network's answers to several looks at one face, and to their mirror images. */
  private async predictMean(looks: readonly Uint8Array[]): Promise<Prediction> {
    const count = 2 * looks.length;
    const pixels = new Uint8Array(count * looks[0].length);
    for (let look = 0; look < count; look++) pixels.set(looks[look % looks.length], look * looks[0].length);
    mirror(pixels.subarray(pixels.length / 2), this.facts.sizePx);
    const means = (await this.forward.run(pixels)).map((output) => {
      const size = output.length / count;
      return Float32Array.from({ length: size }, (_, at) => mean(Array.from({ length: count }, (_, look) => output[look * size + at])));
    });
    return answersOf(this.facts, means)[0];
  }

  /** Predicts every face of a photo, in a file or in memory as its file would be: bytes of a JPEG, say. Throws an InputError for what is no image. */
  async predictImage(image: Image, options: PhotoOptions = {}): Promise<Omit<PhotoPrediction, 'file'>> {
    const { framing = 'detected' } = options;
    if (framing !== 'detected') return { framing, faces: [await this.predictWhole(image, options)] };
    const photo = await this.reader.open(image);
    this.finder ??= this.reader.openFinder();
    const found = await (await this.finder).find(photo, options);
    const cropped = found.find(({ frame }) => isFramed(frame, photo));
    if (cropped) {
      const whole = await this.predictWhole(image, options);
      return { framing: 'aligned', faces: [{ ...whole, box: cropped.box, score: cropped.score }] };
    }
    const faces: FacePrediction[] = [];
    for (const face of found) {
      const { frame } = face;
      const looks = LOOKS.map((size) => this.reader.frame(photo, { ...frame, sidePx: size * frame.sidePx }, this.facts.sizePx));
      faces.push({ ...(await this.predictMean(await Promise.all(looks))), ...face });
    }
    return { framing, faces };
  }

  private async predictWhole(image: Image, { flipAverage = false }: PhotoOptions): Promise<FacePrediction> {
    const { pixels, widthPx, heightPx } = await this.reader.square(image, this.facts.sizePx);
    const [prediction] = flipAverage ? (await this.predictMirrored(pixels)).flipAveraged : await this.predictPixels(pixels);
    return { ...prediction, ...wholeOf(widthPx, heightPx) };
  }

  dispose(): void {
    this.forward.dispose();
    void this.finder?.then((finder) => finder.dispose());
  }
}

/** Where the face is in a picture in which none was looked for. */
export function wholeOf(width: number, height: number): Pick<FacePrediction, 'box' | 'frame' | 'score'> {
  const frame = { x: width / 2, y: height / 2, sidePx: Math.min(width, height), turn: 0 };
  return { box: { x: 0, y: 0, width, height }, frame, score: null };
}
