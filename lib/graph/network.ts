/**
 * A tfjs LayersModel as a list of steps, from its input to its outputs: what the network is written from in every other form, be it
 * a graph of TensorFlow's, fused operations, an ONNX file or a Keras file.
 */
import type * as tf from '@tensorflow/tfjs';

/** A weight under a stable name, "Conv/kernel"; tfjs's own names gain suffixes when a model is built twice. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer's work on what other steps have put out. */
export type Step = {
  /** The layer's. */
  readonly name: string;
  /** The steps whose outputs it takes. */
  readonly from: readonly string[];
  /** Of its output, without the batch: `[height, width, channels]` or `[length]`. */
  readonly shape: readonly number[];
} & (
  | { readonly kind: 'input' | 'relu6' | 'add' | 'pooling' }
  /** With padding "same"; kernels are `[kh, kw, in, out]`, and depthwise `[kh, kw, in, 1]`. */
  | { readonly kind: 'convolution' | 'depthwise'; readonly stride: number; readonly kernel: WeightSpec; readonly bias: WeightSpec }
  | { readonly kind: 'dense'; readonly kernel: WeightSpec; readonly bias?: WeightSpec; readonly activation: 'linear' | 'softmax' }
);

/**
 * The steps of a model, each after those that it takes from. Understands input, Conv2D, DepthwiseConv2D (padding "same"), ReLU with
 * maximum 6, Add, GlobalAveragePooling2D and Dense (linear or softmax); anything else throws with the layer's name.
 */
export function stepsOf(model: tf.LayersModel): readonly Step[] {
  const steps = new Map<string, Step>();
  const visit = (tensor: tf.SymbolicTensor): void => {
    if (steps.has(tensor.sourceLayer.name)) return;
    tensor.inputs.forEach(visit);
    steps.set(tensor.sourceLayer.name, stepOf(tensor));
  };
  model.outputs.forEach(visit);
  return [...steps.values()];
}

function stepOf({ sourceLayer: layer, inputs, shape }: tf.SymbolicTensor): Step {
  const common = { name: layer.name, from: inputs.map(({ sourceLayer }) => sourceLayer.name), shape: shape.slice(1) as number[] };
  const config = layer.getConfig();
  const [kernel, bias] = weightsOf(layer);
  const className = layer.getClassName();
  if (className === 'InputLayer') return { ...common, kind: 'input' };
  if (className === 'Add') return { ...common, kind: 'add' };
  if (className === 'GlobalAveragePooling2D') return { ...common, kind: 'pooling' };
  if (className === 'ReLU') {
    requireConfig(layer, { maxValue: 6 });
    return { ...common, kind: 'relu6' };
  }
  if (className === 'Dense') {
    if (config.activation !== 'linear') requireConfig(layer, { activation: 'softmax' });
    return { ...common, kind: 'dense', kernel, bias, activation: config.activation === 'linear' ? 'linear' : 'softmax' };
  }
  if (className !== 'Conv2D' && className !== 'DepthwiseConv2D')
    throw new Error(`Layer "${layer.name}" is a ${className}: the reader of networks knows no such layer.`);
  requireConfig(layer, { padding: 'same', activation: 'linear', useBias: true, dataFormat: 'channelsLast' });
  const stride = Number([config.strides].flat()[0]);
  return { ...common, kind: className === 'Conv2D' ? 'convolution' : 'depthwise', stride, kernel, bias };
}

/** A layer's weights in tfjs's order: kernel, then bias. */
export function weightsOf(layer: tf.layers.Layer): WeightSpec[] {
  return layer.weights.map((weight) => ({
    name: `${layer.name}/${weight.originalName.split('/').pop()}`,
    shape: weight.shape.map((size) => size ?? -1),
  }));
}

/** tfjs writes enumerations as Keras does, with underscores; both spellings count. */
function requireConfig(layer: tf.layers.Layer, expected: Readonly<Record<string, string | number | boolean>>): void {
  const config = layer.getConfig();
  for (const [key, value] of Object.entries(expected)) {
    const plain = (text: unknown) => String(text).replace('_', '').toLowerCase();
    if (plain(config[key]) !== plain(value)) {
      throw new Error(`Layer "${layer.name}" has ${key} ${String(config[key])}: the reader of networks expects ${value}.`);
    }
  }
}
