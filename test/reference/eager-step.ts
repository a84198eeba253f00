/**
 * The training step on tfjs's own layers and gradients, operation by operation. Slower than the compiled graph, but plain:
 * it runs on every engine and is what the graph is held against. (On wasm it trains heads only: there are no kernels for
 * the gradient of a convolution.)
 */
import * as tf from '@tensorflow/tfjs';
import { weightsOf } from '../../lib/graph/network';
import { ADAM, decays } from '../../lib/graph/optimiser';
import { preprocess } from '../../lib/images/preprocess';
import { AGE_DISTRIBUTION } from '../../lib/model/face-model';
import { readWeights, writeWeights } from '../../lib/model/layer-weights';
import { type NamedWeights, shapeSize } from '../../lib/model/weights';
import {
  type GraphStep,
  PLAIN_STEP,
  type StepRecipe,
  type StepResult,
  shareAfter,
  type TrainingState,
} from '../../lib/training/graph-step';
import type { Batch } from '../../lib/training/labels';
import { ageLossOf, genderLossOf } from './eager-losses';

interface Learned {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
  /** undefined where no average is kept. */
  readonly average: tf.Variable | undefined;
}

/** What is compared. */
export type TrainingStep = Pick<GraphStep, 'step' | 'state' | 'restore' | 'dispose'>;

export class EagerStep implements TrainingStep {
  private readonly learned: readonly Learned[];
  /** Age, gender and, where the model has it, the age's distribution. */
  private readonly outputs: tf.LayersModel;
  private updates: Record<string, number>;

  /** Trains the model's own variables in place; the caller keeps and disposes the model. */
  constructor(
    private readonly model: tf.LayersModel,
    trainable: (layerName: string) => boolean,
    private readonly recipe: StepRecipe = PLAIN_STEP,
  ) {
    this.outputs = withDistribution(model);
    this.learned = model.layers
      .filter((layer) => trainable(layer.name) && layer.trainable)
      .flatMap((layer) => {
        const names = weightsOf(layer);
        return layer.weights.map((weight, index) => {
          const variable = weight.read() as tf.Variable;
          const zeros = () => tf.tidy(() => tf.variable(tf.zerosLike(variable), false));
          const average = recipe.emaDecay > 0 ? tf.tidy(() => tf.variable(variable.clone(), false)) : undefined;
          return { name: names[index].name, variable, first: zeros(), second: zeros(), average };
        });
      });
    this.updates = Object.fromEntries(this.learned.map(({ name }) => [name, 0]));
  }

  step(batch: Batch, learningRate: number): StepResult {
    return tf.tidy(() => {
      const inputs = this.inputTensor(batch.inputs);
      let parts: tf.Tensor[] = [];
      const lossOf = () => {
        const [ages, genders, distribution] = this.outputs.apply(inputs, { training: true }) as tf.Tensor[];
        const ageLoss = ageLossOf(this.recipe.objective, batch, ages, distribution);
        const genderLoss = genderLossOf(this.recipe.objective, batch, genders);
        parts = [ageLoss, genderLoss, ages, genders].map((tensor) => tf.keep(tensor.clone()));
        return tf.add(ageLoss, genderLoss) as tf.Scalar;
      };
      const { grads } = tf.variableGrads(
        lossOf,
        this.learned.map(({ variable }) => variable),
      );
      for (const item of this.learned) {
        const gradient = grads[item.variable.name]; // none where all losses of a head have weight 0
        if (gradient) this.update(item, gradient, learningRate);
      }
      const [ageLoss, genderLoss, ages, genders] = parts.map((tensor) => Float32Array.from(tensor.dataSync()));
      tf.dispose(parts);
      return { ageLoss: ageLoss[0], genderLoss: genderLoss[0], ages, genders };
    });
  }

  state(): TrainingState {
    const beside = (which: 'first' | 'second' | 'average'): NamedWeights =>
      Object.fromEntries(
        this.learned.flatMap(({ name, variable: { shape }, [which]: value }) =>
          value ? [[name, { shape, values: Float32Array.from(value.dataSync()) }]] : [],
        ),
      );
    return {
      weights: readWeights(this.model),
      firstMoments: beside('first'),
      secondMoments: beside('second'),
      ema: beside('average'),
      updates: { ...this.updates },
    };
  }

  restore(state: TrainingState): void {
    writeWeights(this.model, state.weights);
    tf.tidy(() => {
      for (const { name, variable, first, second, average } of this.learned) {
        const stored = (values: NamedWeights, otherwise: tf.Tensor) =>
          name in values ? tf.tensor(values[name].values, variable.shape) : otherwise;
        first.assign(stored(state.firstMoments, tf.zerosLike(variable)));
        second.assign(stored(state.secondMoments, tf.zerosLike(variable)));
        average?.assign(stored(state.ema, variable));
      }
    });
    this.updates = Object.fromEntries(this.learned.map(({ name }) => [name, state.updates[name] ?? 0]));
  }

  dispose(): void {
    for (const { first, second, average } of this.learned) tf.dispose([first, second, ...(average ? [average] : [])]);
  }

  private update({ name, variable, first, second, average }: Learned, gradient: tf.Tensor, learningRate: number): void {
    const count = ++this.updates[name];
    const rate = (learningRate * Math.sqrt(1 - ADAM.beta2 ** count)) / (1 - ADAM.beta1 ** count);
    first.assign(first.mul(ADAM.beta1).add(gradient.mul(1 - ADAM.beta1)));
    second.assign(second.mul(ADAM.beta2).add(gradient.square().mul(1 - ADAM.beta2)));
    variable.assign(variable.sub(first.mul(rate).div(second.sqrt().add(ADAM.epsilon))));
    if (decays(variable)) variable.assign(variable.mul(1 - learningRate * this.recipe.weightDecay));
    average?.assign(average.add(variable.sub(average).mul(shareAfter(count, this.recipe.emaDecay))));
  }

  private inputTensor(inputs: Batch['inputs']): tf.Tensor {
    const shape = this.model.inputs[0].shape.slice(1) as number[];
    const values = inputs instanceof Uint8Array ? preprocess(inputs) : inputs;
    return tf.tensor(values, [values.length / shapeSize(shape), ...shape]);
  }
}

/** The model, with the age's distribution as a third output where it has one. */
function withDistribution(model: tf.LayersModel): tf.LayersModel {
  const [source] = model.outputs[0].inputs;
  if (source.sourceLayer.name !== AGE_DISTRIBUTION) return model;
  return tf.model({ inputs: model.inputs, outputs: [...model.outputs, source] });
}
