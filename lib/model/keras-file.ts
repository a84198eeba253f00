/**
 * A network as a file of Keras 3.4 or newer (`.keras`): a zip of its layers, its weights in HDF5, and what is said of it. It takes
 * `pixels` and scales them itself, or features, as the ONNX file does; the answers have the layers' names: `model(pixels)["age"]`.
 */
import { crc32 } from 'node:zlib';
import type * as tf from '@tensorflow/tfjs';
import { type Step, stepsOf, weightsOf } from '../graph/network';
import { PIXEL_SCALE } from '../images/preprocess';
import { readWeights } from './layer-weights';

type KerasStep = Step | (Pick<Step, 'name' | 'from' | 'shape'> & { readonly kind: 'pixels' | 'scaling' });

/** The bytes of the file; `metadata` is added to its metadata.json. Throws with a layer's name where `stepsOf` does not know it. */
export async function kerasFileOf(model: tf.LayersModel, metadata: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const [input, ...others] = stepsOf(model);
  const pixels = { ...input, kind: 'pixels', name: 'pixels' } as const;
  const scaling = { ...input, kind: 'scaling', from: ['pixels'] } as const;
  const steps = [...(input.shape.length === 3 ? [pixels, scaling] : [input]), ...others];
  const tensors = new Map<string, object>();
  const layers = steps.map((step) => {
    const { name, shape, from } = step;
    const [class_name, settings] = classOf(step);
    const dtype = step.kind === 'pixels' ? 'uint8' : 'float32';
    tensors.set(name, { class_name: '__keras_tensor__', config: { shape: [null, ...shape], dtype, keras_history: [name, 0, 0] } });
    const inputs = from.map((other) => tensors.get(other));
    const calls = from.length > 0 ? [{ args: from.length > 1 ? [inputs] : inputs, kwargs: {} }] : [];
    return { module: 'keras.layers', class_name, name, config: { name, dtype, ...settings }, inbound_nodes: calls };
  });
  const output_layers = Object.fromEntries(model.outputs.map(({ sourceLayer: { name } }) => [name, [name, 0, 0]]));
  const config = { name: model.name, layers, input_layers: [steps[0].name, 0, 0], output_layers };
  return zipOf({
    'metadata.json': Buffer.from(JSON.stringify({ keras_version: '3.4.0', ...metadata })),
    'config.json': Buffer.from(JSON.stringify({ module: 'keras', class_name: 'Model', config })),
    'model.weights.h5': await weightsFileOf(model, steps),
  });
}

function classOf(step: KerasStep): readonly [className: string, settings: object] {
  if (step.kind === 'dense') return ['Dense', { units: step.shape[0], activation: step.activation, use_bias: step.bias !== undefined }];
  if (step.kind === 'convolution' || step.kind === 'depthwise') {
    const settings = { kernel_size: step.kernel.shape.slice(0, 2), strides: [step.stride, step.stride], padding: 'same' };
    return step.kind === 'depthwise' ? ['DepthwiseConv2D', settings] : ['Conv2D', { filters: step.shape[2], ...settings }];
  }
  if (step.kind === 'relu6') return ['ReLU', { max_value: 6 }];
  if (step.kind === 'add') return ['Add', {}];
  if (step.kind === 'pooling') return ['GlobalAveragePooling2D', {}];
  if (step.kind === 'scaling') return ['Rescaling', { scale: 1 / PIXEL_SCALE, offset: -1 }];
  return ['InputLayer', { batch_shape: [null, ...step.shape] }];
}

/** Keras finds a layer's weights by its class and how many of that class come before it: layers/conv2d, layers/conv2d_1, … */
async function weightsFileOf(model: tf.LayersModel, steps: readonly KerasStep[]): Promise<Uint8Array> {
  const { File, ready } = await import('h5wasm'); // the one whose files are in memory
  const { FS } = await ready;
  const values = readWeights(model);
  const file = new File('weights.h5', 'w');
  file.create_group('vars'); // the model's own, of which there are none: Keras before 3.5 looks for them
  const groups = file.create_group('layers');
  for (const step of steps.filter((some) => 'kernel' in some)) {
    const [className] = classOf(step);
    const kind = className.replace(/(?<=[a-z])(?=[A-Z])/, '_').toLowerCase();
    const before = steps.filter((other) => other.kind === step.kind).indexOf(step);
    const variables = groups.create_group(before > 0 ? `${kind}_${before}` : kind).create_group('vars');
    for (const [index, { name, shape }] of weightsOf(model.getLayer(step.name)).entries()) {
      variables.create_dataset({ name: `${index}`, data: values[name].values, shape: [...shape] });
    }
  }
  file.close();
  return FS.readFile('weights.h5');
}

/** A zip of files as they are, as Keras makes it: of format 2.0, dated 1 January 1980. Its numbers are of 16 bits, or of two such. */
function zipOf(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const long = (value: number) => [value & 0xffff, value >>> 16];
  const size = (parts: readonly Uint8Array[]) => long(Buffer.concat(parts).length);
  const record = (kind: number, ...numbers: readonly number[]) => Buffer.from(Uint16Array.of(0x4b50, kind, ...numbers).buffer);
  const [contents, directory]: [Uint8Array[], Uint8Array[]] = [[], []];
  for (const [name, content] of Object.entries(files)) {
    const header = [20, 0, 0, 0, 0x21, ...long(crc32(content)), ...long(content.length), ...long(content.length), name.length, 0];
    directory.push(record(0x0201, 20, ...header, 0, 0, 0, 0, 0, ...size(contents)), Buffer.from(name));
    contents.push(record(0x0403, ...header), Buffer.from(name), content);
  }
  const count = contents.length / 3;
  return Buffer.concat([...contents, ...directory, record(0x0605, 0, 0, count, count, ...size(directory), ...size(contents), 0)]);
}
