/**
 * Runs the steps of a network through tfjs's fused operations: a convolution with its bias and ReLU6 is one pass over memory, where
 * tfjs's own layers make four: on WebGL, where each costs about as much as the next, and on WebAssembly.
 */
import * as tf from '@tensorflow/tfjs';
import { type Step, stepsOf, type WeightSpec, weightsOf } from '../../graph/network';

/**
 * The forward pass of a model: from an input as the model takes it to a tensor for each output, in the model's order, which the caller
 * disposes. The weights stay where the model has them, so it is needed as long as this is called.
 */
export function fusedForward(model: tf.LayersModel): (input: tf.Tensor) => tf.Tensor[] {
  const steps = stepsOf(model);
  const names = model.outputs.map(({ sourceLayer }) => sourceLayer.name);
  const weights = new Map(model.layers.flatMap((layer) => weightsOf(layer).map(({ name }, index) => [name, layer.weights[index]])));
  const value = <T extends tf.Tensor>(spec: WeightSpec) => weights.get(spec.name)?.read() as T;
  const users = (name: string) => steps.filter(({ from }) => from.includes(name));
  /** Whether the step's output goes into a ReLU6 and nowhere else: then the convolution makes that, too. */
  const isRectified = ({ name }: Step) => !names.includes(name) && users(name).every(({ kind }) => kind === 'relu6');

  function run(step: Step, [x, y]: readonly tf.Tensor[]): tf.Tensor {
    switch (step.kind) {
      case 'convolution':
      case 'depthwise': {
        const { conv2d, depthwiseConv2d } = tf.fused;
        return (step.kind === 'convolution' ? conv2d : depthwiseConv2d)({
          x: x as tf.Tensor4D,
          filter: value<tf.Tensor4D>(step.kernel),
          bias: value(step.bias),
          strides: step.stride,
          pad: 'same',
          activation: isRectified(step) ? 'relu6' : 'linear',
        });
      }
      case 'relu6':
        return isRectified(steps.find(({ name }) => name === step.from[0]) ?? step) ? x : tf.relu6(x);
      case 'add':
        return tf.add(x, y);
      case 'pooling':
        return tf.mean(x, [1, 2]);
      case 'dense': {
        const product = tf.fused.matMul({ a: x, b: value(step.kernel), bias: step.bias && value(step.bias) });
        return step.activation === 'linear' ? product : tf.softmax(product);
      }
      case 'input':
        return x;
    }
  }

  return (input) =>
    tf.tidy(() => {
      const done = new Map<string, tf.Tensor>();
      for (const step of steps)
        done.set(step.name, run(step, step.kind === 'input' ? [input] : step.from.map((name) => done.get(name) ?? input)));
      return names.map((name) => done.get(name) ?? input);
    });
}
