/** Writes the steps of a network as nodes of a TensorFlow graph. */
import type * as tf from '@tensorflow/tfjs';
import { PIXEL_SCALE } from '../images/preprocess';
import { FLOAT, type TensorName, UINT8 } from './builder';
import { type Step, stepsOf, type WeightSpec } from './network';
import * as op from './operations';
import type { Tape } from './tape';

export interface ForwardPass<Weight> {
  /** What the network consumes: uint8 pixels `[b, h, w, 3]`, or features `[b, n]` made earlier. */
  readonly input: TensorName;
  /** In the order in which the network uses them. */
  readonly weights: readonly Weight[];
  /** By layer name, in the order of the model's outputs. */
  readonly outputs: ReadonlyMap<string, TensorName>;
  /** The values before the softmax, of the layers that end in one. */
  readonly logits: ReadonlyMap<string, TensorName>;
}

/**
 * Writes the forward pass, with each weight where `hold` puts it. Images go through the network in `parts` of the batch, side
 * by side, until each is one row of features. What `stepsOf` does not understand throws with the layer's name.
 */
export function writeLayers<Weight extends op.WeightValue>(
  tape: Tape,
  model: tf.LayersModel,
  hold: (name: string, shape: readonly number[]) => Weight,
  parts = 1,
): ForwardPass<Weight> {
  const { graph } = tape;
  const weights: Weight[] = [];
  const logits = new Map<string, TensorName>();
  /** Each step's output in its parts; what has one row for each image, or is an output, is whole again. */
  const done = new Map<string, readonly TensorName[]>();
  const inputShape = model.inputs[0].shape.map((size) => size ?? -1);
  const pixels = inputShape.length === 4;
  const input = graph.placeholder('input', pixels ? UINT8 : FLOAT, inputShape);
  const names = model.outputs.map(({ sourceLayer }) => sourceLayer.name);

  function held({ name, shape }: WeightSpec): Weight {
    const weight = hold(name, shape);
    weights.push(weight);
    return weight;
  }

  function writeInput(): readonly TensorName[] {
    if (!pixels) return [input];
    const pieces = parts > 1 ? op.split(graph, input, parts, UINT8) : [input];
    return pieces.map((piece) => op.scalePixels(tape, piece, PIXEL_SCALE));
  }

  /** What writes the step for one part; its weights are the same for all. */
  function writer(step: Step): (inputs: readonly TensorName[]) => TensorName {
    if (step.kind === 'relu6') return ([x]) => op.relu6(tape, x);
    if (step.kind === 'add') return ([x, y]) => op.add(tape, x, y);
    if (step.kind === 'pooling') {
      const [height, width, channels] = shapes.get(step.from[0]) ?? [];
      return ([x]) => op.globalAveragePooling(tape, x, height * width, channels);
    }
    if (!('kernel' in step)) return () => input;
    const [kernel, bias] = [held(step.kernel), step.bias && held(step.bias)];
    const biased = (x: TensorName) => (bias === undefined ? x : op.biasAdd(tape, x, bias));
    if (step.kind !== 'dense') {
      const convolution = step.kind === 'convolution' ? 'Conv2D' : 'DepthwiseConv2dNative';
      return ([x]) => biased(op.convolve(tape, convolution, x, kernel, step.stride));
    }
    return ([x]) => {
      const linear = biased(op.matMul(tape, x, kernel));
      if (step.activation === 'linear') return linear;
      logits.set(step.name, linear);
      return op.softmax(tape, linear);
    };
  }

  const steps = stepsOf(model);
  const shapes = new Map(steps.map(({ name, shape }) => [name, shape]));
  for (const step of steps) {
    const inputs = step.from.map((name) => done.get(name) ?? []);
    const write = writer(step);
    const written = step.kind === 'input' ? writeInput() : inputs[0].map((_, part) => write(inputs.map((of) => of[part])));
    const asOne = step.shape.length === 1 || names.includes(step.name);
    done.set(step.name, asOne && written.length > 1 ? [op.concat(tape, written)] : written);
  }
  return { input, weights, outputs: new Map(names.map((name) => [name, (done.get(name) ?? [])[0]])), logits };
}
