/** Reads a tfjs LayersModel from its outputs back to its input and writes the same network as graph nodes. */
import type * as tf from '@tensorflow/tfjs';
import { PIXEL_SCALE } from '../images/preprocess';
import type { TensorName } from './builder';
import * as op from './operations';
import { DT } from './proto';
import type { Tape } from './tape';
import { type Variable, variable } from './variables';

/** A weight as the forward pass needs it: where its value is read. */
export type GraphWeight = Pick<Variable, 'name' | 'shape' | 'value'>;

/** A weight with the name of the layer it belongs to. */
export type OfLayer<W> = W & { readonly layer: string };

export interface ForwardPass<W extends GraphWeight = Variable> {
  readonly input: TensorName;
  /** What the network consumes: uint8 pixels `[b, h, w, 3]`, or features `[b, n]` made earlier. */
  readonly inputKind: 'pixels' | 'features';
  readonly weights: readonly OfLayer<W>[];
  /** By layer name, in the order of the model's outputs. */
  readonly outputs: ReadonlyMap<string, TensorName>;
  /** The values before the softmax, of the layers that end in one. */
  readonly logits: ReadonlyMap<string, TensorName>;
}

export interface WriteOptions<W extends GraphWeight> {
  /** Where weights are held; in variables when absent. */
  readonly hold?: (name: string, shape: readonly number[]) => W;
  /** Images go through the network in so many parts of the batch, side by side, until each is one row of features. Default 1. */
  readonly parts?: number;
}

/**
 * Writes the forward pass. Understands input, Conv2D, DepthwiseConv2D (padding "same"), ReLU with maximum 6, Add,
 * GlobalAveragePooling2D and Dense (linear or softmax); anything else throws with the layer's name.
 */
export function writeLayers(tape: Tape, model: tf.LayersModel, options?: Omit<WriteOptions<Variable>, 'hold'>): ForwardPass;
export function writeLayers<W extends GraphWeight>(tape: Tape, model: tf.LayersModel, options: Required<WriteOptions<W>>): ForwardPass<W>;
export function writeLayers(
  tape: Tape,
  model: tf.LayersModel,
  { hold = (name, shape) => variable(tape.graph, name, shape), parts = 1 }: WriteOptions<GraphWeight> = {},
): ForwardPass<GraphWeight> {
  const { graph } = tape;
  const held: OfLayer<GraphWeight>[] = [];
  const logits = new Map<string, TensorName>();
  const done = new Map<number, readonly TensorName[]>();
  const pixels = model.inputs[0].shape.length === 4;
  const shape = model.inputs[0].shape.map((size) => size ?? -1);
  const input = graph.placeholder('input', pixels ? DT.uint8 : DT.float, shape);

  function weights(layer: tf.layers.Layer): GraphWeight[] {
    return weightsOf(layer).map(({ name, shape: weightShape }) => {
      const known = held.find((other) => other.name === name);
      if (known) return known;
      const made = { ...hold(name, weightShape), layer: layer.name };
      held.push(made);
      return made;
    });
  }

  /** A tensor in its parts; what has one row for each image is whole again. */
  function write(tensor: tf.SymbolicTensor): readonly TensorName[] {
    const known = done.get(tensor.id);
    if (known !== undefined) return known;
    const { sourceLayer: layer, inputs: sources } = tensor;
    const inputs = sources.map(write);
    const inputsOf = (part: number) => inputs.map((of) => of[part]);
    const written = inputs.length === 0 ? writeInput() : inputs[0].map((_, part) => writeLayer(layer, inputsOf(part), sources));
    const output = tensor.shape.length === 2 && written.length > 1 ? [op.concat(tape, written)] : written;
    done.set(tensor.id, output);
    return output;
  }

  function writeInput(): readonly TensorName[] {
    if (!pixels) return [input];
    const pieces = parts > 1 ? op.split(graph, input, parts, { type: DT.uint8 }) : [input];
    return pieces.map((piece) => op.scalePixels(tape, piece, PIXEL_SCALE));
  }

  function writeLayer(layer: tf.layers.Layer, [x, y]: TensorName[], sources: tf.SymbolicTensor[]): TensorName {
    const config = layer.getConfig();
    const kind = layer.getClassName();
    switch (kind) {
      case 'Conv2D':
      case 'DepthwiseConv2D': {
        requireConfig(layer, config, { padding: 'same', activation: 'linear', useBias: true, dataFormat: 'channelsLast' });
        const [kernel, bias] = weights(layer);
        const convolve = kind === 'Conv2D' ? op.conv2d : op.depthwiseConv2d;
        return op.biasAdd(tape, convolve(tape, x, kernel, strideOf(config)), bias);
      }
      case 'ReLU':
        requireConfig(layer, config, { maxValue: 6 });
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
        requireConfig(layer, config, { activation: 'softmax' });
        logits.set(layer.name, linear);
        return op.softmax(tape, linear);
      }
      default:
        throw new Error(`Layer "${layer.name}" is a ${kind}: the graph compiler knows no such layer.`);
    }
  }

  const outputs = new Map(model.outputs.map((output) => [output.sourceLayer.name, write(output)[0]]));
  return { input, inputKind: pixels ? 'pixels' : 'features', weights: held, outputs, logits };
}

/** A layer's weights under stable names, "Conv/kernel", in tfjs's order: kernel, then bias. tfjs's own names gain suffixes when a model is built twice. */
export function weightsOf(layer: tf.layers.Layer): Omit<GraphWeight, 'value'>[] {
  return layer.weights.map((weight) => ({
    name: `${layer.name}/${weight.originalName.split('/').pop()}`,
    shape: weight.shape.map((size) => size ?? -1),
  }));
}

type LayerConfig = ReturnType<tf.layers.Layer['getConfig']>;

/** tfjs writes enumerations as Keras does, with underscores; both spellings count. */
function requireConfig(layer: tf.layers.Layer, config: LayerConfig, expected: Readonly<Record<string, string | number | boolean>>): void {
  for (const [key, value] of Object.entries(expected)) {
    const plain = (text: unknown) => String(text).replace('_', '').toLowerCase();
    if (plain(config[key]) !== plain(value)) {
      throw new Error(`Layer "${layer.name}" has ${key} ${String(config[key])}: the graph compiler expects ${value}.`);
    }
  }
}

function strideOf(config: LayerConfig): number {
  return Array.isArray(config.strides) ? Number(config.strides[0]) : Number(config.strides);
}
