/**
 * A network as an ONNX file, which many runtimes read. It takes `pixels` as they are in an image, uint8 RGB `[batch, size, size, 3]`, and
 * scales them itself, or the features that a network of heads takes. Its outputs have the names of the layers: `age` `[batch, 1]` in
 * years, `gender` `[batch, 2]`, and so on; a map is `<layer>/map` `[batch, height, width, channels]`, as everywhere in this project.
 */
import type * as tf from '@tensorflow/tfjs';
import protobuf from 'protobufjs';
import { projectPath } from '../base/project';
import { stepsOf, type WeightSpec } from '../graph/network';
import { PIXEL_SCALE } from '../images/preprocess';
import { readWeights } from './layer-weights';

/** The oldest that has all operators as they are used here: what reads it is of 2019 or later. */
const VERSIONS = { ir: 7, operators: 13 } as const;
const FLOAT = 'FLOAT';
const BATCH = { dimParam: 'batch' };

type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** The bytes of the file; `metadata` becomes its metadata_props. Throws with a layer's name where `stepsOf` does not know it. */
export function onnxOf(model: tf.LayersModel, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const weights = readWeights(model);
  const steps = stepsOf(model);
  const shapeOf = new Map(steps.map(({ name, shape }) => [name, shape]));
  const node: object[] = [];
  const initializer: object[] = [];

  function add(opType: string, input: readonly string[], output: string, attributes: Attributes = {}): string {
    const attribute = Object.entries(attributes).map(([name, value]) =>
      typeof value === 'number' ? { name, i: value, type: 'INT' } : { name, ints: value, type: 'INTS' },
    );
    node.push({ opType, input, output: [output], name: output, attribute });
    return output;
  }

  function hold(name: string, dims: readonly number[], values: Float32Array): string {
    initializer.push({ name, dims, dataType: FLOAT, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    return name;
  }

  const scalar = (name: string, value: number) => hold(name, [], Float32Array.of(value));
  const weight = ({ name, shape }: WeightSpec) => hold(name, shape, weights[name].values);
  const [{ name: first, shape: inputShape }] = steps;
  const isPixels = inputShape.length === 3;

  /** A kernel `[kh, kw, in, out]` as ONNX has it, `[out, in, kh, kw]`; a depthwise one `[kh, kw, channels, 1]` as `[channels, 1, kh, kw]`. */
  function filter({ name, shape: [height, width, ...channels] }: WeightSpec, isDepthwise: boolean): string {
    const [inputs, outputs] = isDepthwise ? [...channels].reverse() : channels;
    const { values } = weights[name];
    let to = 0;
    const turned = new Float32Array(values.length);
    for (let output = 0; output < outputs; output++) {
      for (let input = 0; input < inputs; input++) {
        for (let place = 0; place < height * width; place++) turned[to++] = values[(place * inputs + input) * outputs + output];
      }
    }
    return hold(name, [outputs, inputs, height, width], turned);
  }

  for (const step of steps) {
    const { name, shape } = step;
    const [x, y] = step.from;
    if (step.kind === 'input' && isPixels) {
      add('Cast', ['pixels'], 'pixels/float', { to: 1 });
      add('Div', ['pixels/float', scalar('pixel_scale', PIXEL_SCALE)], 'pixels/divided');
      add('Sub', ['pixels/divided', scalar('one', 1)], 'pixels/scaled');
      add('Transpose', ['pixels/scaled'], name, { perm: [0, 3, 1, 2] });
    }
    if (step.kind === 'convolution' || step.kind === 'depthwise') {
      const isDepthwise = step.kind === 'depthwise';
      const strides = [step.stride, step.stride];
      const pads = samePadding(shapeOf.get(x) ?? [], shape, step.kernel.shape.slice(0, 2), step.stride);
      add('Conv', [x, filter(step.kernel, isDepthwise), weight(step.bias)], name, { strides, pads, group: isDepthwise ? shape[2] : 1 });
    }
    if (step.kind === 'relu6') add('Clip', [x, scalar(`${name}/least`, 0), scalar(`${name}/most`, 6)], name);
    if (step.kind === 'add') add('Add', [x, y], name);
    if (step.kind === 'pooling') add('Flatten', [add('GlobalAveragePool', [x], `${name}/means`)], name);
    if (step.kind === 'dense') {
      const logits = step.activation === 'softmax' ? `${name}/logits` : name;
      add('Gemm', [x, weight(step.kernel), ...(step.bias ? [weight(step.bias)] : [])], logits);
      if (step.activation === 'softmax') add('Softmax', [logits], name);
    }
  }

  const value = (name: string, elemType: string, shape: readonly number[]) => ({
    name,
    type: { tensorType: { elemType, shape: { dim: [BATCH, ...shape.map((dimValue) => ({ dimValue }))] } } },
  });
  const output = model.outputs.map(({ sourceLayer: { name } }) => {
    const shape = shapeOf.get(name) ?? [];
    return value(shape.length === 3 ? add('Transpose', [name], `${name}/map`, { perm: [0, 2, 3, 1] }) : name, FLOAT, shape);
  });
  const input = isPixels ? value('pixels', 'UINT8', inputShape) : value(first, FLOAT, inputShape);
  const Model = protobuf.loadSync(projectPath('lib', 'model', 'onnx.proto')).lookupType('onnx.ModelProto');
  return Model.encode(
    Model.fromObject({
      irVersion: VERSIONS.ir,
      producerName: 'faces-course',
      graph: { name: model.name, node, initializer, input: [input], output },
      opsetImport: [{ domain: '', version: VERSIONS.operators }],
      metadataProps: Object.entries(metadata).map(([key, text]) => ({ key, value: text })),
    }),
  ).finish();
}

/** What padding "same" adds before height and width, and then after them: as TensorFlow has it, the odd one after. */
function samePadding(from: readonly number[], to: readonly number[], kernel: readonly number[], stride: number) {
  const all = kernel.map((size, side) => Math.max(0, (to[side] - 1) * stride + size - from[side]));
  const before = all.map((pixels) => pixels >> 1);
  return [...before, ...all.map((pixels, side) => pixels - before[side])];
}
