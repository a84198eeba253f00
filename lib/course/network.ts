/** The run's network before any training, as notebook 2 looks at it. */
import { openEngine } from '../base/engine';
import type { Trainable } from '../config';
import type { FaceRecord } from '../data/record';
import { GraphBuilder, variable } from '../graph/builder';
import { compileModel } from '../graph/compile';
import { writeLayers } from '../graph/layers';
import { weightsOf } from '../graph/network';
import { Tape } from '../graph/tape';
import { decodeRgb } from '../images/decode';
import { buildFaceModel, type FaceModel } from '../model/face-model';
import { openForward } from '../model/forward';
import { describeLayers, type LayerDescription } from '../model/layer-weights';
import { shapeSize } from '../model/weights';
import type { Prediction } from '../predict/answer';
import { trainableLayers } from '../training/schedule';
import type { CourseRun } from './course-run';

/** Lives as long as the process. */
export class Network {
  /** From the image to the heads. */
  readonly layers: readonly LayerDescription[];
  /** The two heads alone, behind the features. */
  readonly heads: readonly LayerDescription[];

  constructor(
    private readonly run: Pick<CourseRun, 'config' | 'scale' | 'fileOf'>,
    private readonly model: FaceModel,
  ) {
    this.layers = describeLayers(model.full);
    this.heads = describeLayers(model.heads);
  }

  /** Answers to faces by heads that have learned nothing, in years by the run's scale. */
  async predict(records: readonly FaceRecord[]): Promise<Prediction[]> {
    const { config, scale } = this.run;
    const images = await Promise.all(records.map((record) => decodeRgb(this.run.fileOf(record), config.imageSizePx)));
    const forward = await openForward(this.model.full);
    try {
      const [ages, genders] = await forward.run(Buffer.concat(images));
      return images.map((_, face) => ({
        ageYears: ages[face] * scale.sdYears + scale.meanYears,
        femaleProbability: genders[2 * face + 1],
      }));
    } finally {
      forward.dispose();
    }
  }

  /** How many parameters a session trains. The years of a distribution's bins are weights that nobody trains. */
  trainedParameters(trainable: Trainable): number {
    const isTrained = trainableLayers(trainable);
    const layers = this.model.full.layers.filter((layer) => layer.trainable && isTrained(layer.name));
    return layers.flatMap(weightsOf).reduce((sum, { shape }) => sum + shapeSize(shape), 0);
  }

  /**
   * How many nodes the compiler writes for the forward pass alone, and for a training step by the run's recipe: forward pass,
   * losses, gradients, Adam, and what sets and reads the weights.
   */
  countNodes(): { readonly forward: number; readonly training: number } {
    const { objective, emaDecay, weightDecay } = this.run.config;
    const forward = new GraphBuilder();
    writeLayers(new Tape(forward), this.model.full, (name, shape) => variable(forward, name, shape));
    const training = compileModel(this.model.full, () => true, { objective, average: emaDecay > 0, weightDecay });
    return { forward: forward.nodes.length, training: training.nodes.length };
  }
}

/** The network as session 1 finds it: the pretrained base, and heads at zero. */
export async function buildNetwork(run: CourseRun): Promise<Network> {
  await openEngine();
  return new Network(run, buildFaceModel(run.config.imageSizePx, run.pretrained.weights, run.config.ageHead));
}
