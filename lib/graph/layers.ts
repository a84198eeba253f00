/** Reads a tfjs LayersModel from its outputs back to its input and writes the same network as graph nodes. */
import type * as tf from '@tensorflow/tfjs';
import { PIXEL_SCALE } from '../images/preprocess';
import { FLOAT, type TensorName, UINT8 } from './builder';
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
 * by side, until each is one row of features. Understands input, Conv2D, DepthwiseConv2D (padding "same"), ReLU with maximum 6,
 * Add, GlobalAveragePooling2D and Dense (linear or softmax); anything else throws with the layer's name.
 */
export function writeLayers<Weight extends op.WeightValue>(
  tape: Tape,
  model: tf.LayersModel,
  hold: (name: string, shape: readonly number[]) => Weight,
  parts = 1,
): ForwardPass<Weight> {
  const { graph } = tape;
  const held = new Map<string, Weight>();
  const logits = new Map<string, TensorName>();
  const done = new Map<number, readonly TensorName[]>();
  const inputShape = model.inputs[0].shape.map((size) => size ?? -1);
  const pixels = inputShape.length === 4;
  const input = graph.placeholder('input', pixels ? UINT8 : FLOAT, inputShape);

  function weights(layer: tf.layers.Layer): Weight[] {
    return weightsOf(layer).map(({ name, shape }) => {
      const weight = held.get(name) ?? hold(name, shape);
      held.set(name, weight);
      return weight;
    });
  }

  /** A tensor in its parts; what has one row for each image, or is an output, is whole again. */
  function write(tensor: tf.SymbolicTensor): readonly TensorName[] {
    const known = done.get(tensor.id);
    if (known !== undefined) return known;
    const inputs = tensor.inputs.map(write);
    const inputsOf = (part: number) => inputs.map((of) => of[part]);
    const written = inputs.length === 0 ? writeInput() : inputs[0].map((_, part) => writeLayer(tensor, inputsOf(part)));
    const asOne = tensor.shape.length === 2 || model.outputs.includes(tensor);
    const output = asOne && written.length > 1 ? [op.concat(tape, written)] : written;
    done.set(tensor.id, output);
    return output;
  }

  function writeInput(): readonly TensorName[] {
    if (!pixels) return [input];
    const pieces = parts > 1 ? op.split(graph, input, parts, UINT8) : [input];
    return pieces.map((piece) => op.scalePixels(tape, piece, PIXEL_SCALE));
  }

  function writeLayer({ sourceLayer: layer, inputs: sources }: tf.SymbolicTensor, [x, y]: TensorName[]): TensorName {
    const config = layer.getConfig();
    const kind = layer.getClassName();
    switch (kind) {
      case 'Conv2D':
      case 'DepthwiseConv2D': {
        requireConfig(layer, { padding: 'same', activation: 'linear', useBias: true, dataFormat: 'channelsLast' });
        const [kernel, bias] = weights(layer);
        const [stride] = [config.strides].flat();
        const convolution = kind === 'Conv2D' ? kind : 'DepthwiseConv2dNative';
        return op.biasAdd(tape, op.convolve(tape, convolution, x, kernel, Number(stride)), bias);
      }
      case 'ReLU':
        requireConfig(layer, { maxValue: 6 });
        return op.relu6(tape, x);
      case 'Add':
        return op.add(tape, x, y);
      case 'GlobalAveragePooling2D': {
        const [, height, width, channels] = sources[0].shape as number[];
        return op.globalAveragePooling(tape, x, height * width, channels);
      }
      case 'Dense': {
        const [kernel, bias] = weights(layer);
        const product = op.matMul(tape, x, kernel);
        const linear = bias === undefined ? product : op.biasAdd(tape, product, bias);
        if (config.activation === 'linear') return linear;
        requireConfig(layer, { activation: 'softmax' });
        logits.set(layer.name, linear);
        return op.softmax(tape, linear);
      }
      default:
        throw new Error(`Layer "${layer.name}" is a ${kind}: the graph compiler knows no such layer.`);
    }
  }

  const outputs = new Map(model.outputs.map((output) => [output.sourceLayer.name, write(output)[0]]));
  return { input, weights: [...held.values()], outputs, logits };
}

/** A layer's weights under stable names, "Conv/kernel", in tfjs's order: kernel, then bias. tfjs's own names gain suffixes when a model is built twice. */
export function weightsOf(layer: tf.layers.Layer): { readonly name: string; readonly shape: readonly number[] }[] {
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
      throw new Error(`Layer "${layer.name}" has ${key} ${String(config[key])}: the graph compiler expects ${value}.`);
    }
  }
}
