/**
 * The training step on tfjs's own layers and gradients, operation by operation. Slower than the compiled graph, but plain:
 * it runs on every engine and is what the graph is held against. (On wasm it trains heads only: there are no kernels for
 * the gradient of a convolution.)
 */
import * as tf from '@tensorflow/tfjs';
import { preprocess } from '../images/preprocess';
import { ADAM } from '../model/adam';
import { readWeights, weightsOf, writeWeights } from '../model/layer-weights';
import { type NamedWeights, shapeSize } from '../model/weights';
import type { Batch, Predictions, StepResult, TrainingState, TrainingStep } from './step';

/** Keeps the logarithm finite, as Keras does. */
const SMALLEST_PROBABILITY = 1e-7;

interface Learned {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

export class EagerStep implements TrainingStep {
  private readonly learned: readonly Learned[];
  private updates: Record<string, number>;

  /** Trains the model's own variables in place; the caller keeps and disposes the model. */
  constructor(
    private readonly model: tf.LayersModel,
    trainable: (layerName: string) => boolean,
  ) {
    this.learned = model.layers
      .filter(({ name }) => trainable(name))
      .flatMap((layer) => {
        const names = weightsOf(layer);
        return layer.weights.map((weight, index) => {
          const variable = weight.read() as tf.Variable;
          const zeros = () => tf.tidy(() => tf.variable(tf.zerosLike(variable), false));
          return { name: names[index].name, variable, first: zeros(), second: zeros() };
        });
      });
    this.updates = Object.fromEntries(this.learned.map(({ name }) => [name, 0]));
  }

  step(batch: Batch, learningRate: number): StepResult {
    return tf.tidy(() => {
      const inputs = this.inputTensor(batch.inputs);
      const ageTargets = tf.tensor2d(batch.ages, [batch.ages.length, 1]);
      const genderTargets = tf.oneHot(tf.tensor1d(batch.genders, 'int32'), 2).toFloat();
      let parts: tf.Tensor[] = [];
      const lossOf = () => {
        const [ages, genders] = this.model.apply(inputs, { training: true }) as tf.Tensor[];
        const ageLoss = tf.losses.meanSquaredError(ageTargets, ages);
        const genderLoss = tf.neg(tf.mean(tf.sum(tf.mul(genderTargets, tf.log(tf.maximum(genders, SMALLEST_PROBABILITY))), 1)));
        parts = [ageLoss, genderLoss, ages, genders].map((tensor) => tf.keep(tensor.clone()));
        return tf.add(ageLoss, genderLoss) as tf.Scalar;
      };
      const { grads } = tf.variableGrads(
        lossOf,
        this.learned.map(({ variable }) => variable),
      );
      for (const item of this.learned) this.update(item, grads[item.variable.name], learningRate);
      const [ageLoss, genderLoss, ages, genders] = parts.map((tensor) => Float32Array.from(tensor.dataSync()));
      tf.dispose(parts);
      return { ageLoss: ageLoss[0], genderLoss: genderLoss[0], ages, genders };
    });
  }

  predict(inputs: Batch['inputs']): Predictions {
    return tf.tidy(() => {
      const [ages, genders] = this.model.apply(this.inputTensor(inputs)) as tf.Tensor[];
      return { ages: Float32Array.from(ages.dataSync()), genders: Float32Array.from(genders.dataSync()) };
    });
  }

  state(): TrainingState {
    const moments = (which: 'first' | 'second'): NamedWeights =>
      Object.fromEntries(
        this.learned.map((item) => [item.name, { shape: item.variable.shape, values: Float32Array.from(item[which].dataSync()) }]),
      );
    return {
      weights: readWeights(this.model),
      firstMoments: moments('first'),
      secondMoments: moments('second'),
      updates: { ...this.updates },
    };
  }

  restore(state: TrainingState): void {
    writeWeights(this.model, state.weights);
    tf.tidy(() => {
      for (const { name, variable, first, second } of this.learned) {
        const stored = (moments: NamedWeights) =>
          name in moments ? tf.tensor(moments[name].values, variable.shape) : tf.zerosLike(variable);
        first.assign(stored(state.firstMoments));
        second.assign(stored(state.secondMoments));
      }
    });
    this.updates = Object.fromEntries(this.learned.map(({ name }) => [name, state.updates[name] ?? 0]));
  }

  dispose(): void {
    tf.dispose(this.learned.flatMap(({ first, second }) => [first, second]));
  }

  private update({ name, variable, first, second }: Learned, gradient: tf.Tensor, learningRate: number): void {
    const count = ++this.updates[name];
    const rate = (learningRate * Math.sqrt(1 - ADAM.beta2 ** count)) / (1 - ADAM.beta1 ** count);
    first.assign(first.mul(ADAM.beta1).add(gradient.mul(1 - ADAM.beta1)));
    second.assign(second.mul(ADAM.beta2).add(gradient.square().mul(1 - ADAM.beta2)));
    variable.assign(variable.sub(first.mul(rate).div(second.sqrt().add(ADAM.epsilon))));
  }

  private inputTensor(inputs: Batch['inputs']): tf.Tensor {
    const shape = this.model.inputs[0].shape.slice(1) as number[];
    const values = inputs instanceof Uint8Array ? preprocess(inputs) : inputs;
    return tf.tensor(values, [values.length / shapeSize(shape), ...shape]);
  }
}
