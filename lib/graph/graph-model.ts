/**
 * Writes a tfjs GraphModel, which is a TensorFlow graph in JSON, node by node as an ONNX model: as one session it runs many times as
 * fast as operation by operation. What tfjs's converter has fused is taken apart again, since ONNX Runtime fuses by itself what its
 * kernels can do together.
 */
import { OnnxBuilder } from './onnx-builder';

/** A node as model.json has it; strings are in base64, whole numbers are text. */
export interface GraphModelNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<
    Record<string, { readonly s?: string; readonly list?: { readonly s?: readonly string[]; readonly i?: readonly string[] } }>
  >;
}

export interface GraphModelWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** What the network takes: uint8 RGB images of this side, whose values it sees as `scale * value + shift`. */
export interface GraphModelInput {
  readonly sizePx: number;
  readonly scale: number;
  readonly shift: number;
}

/**
 * The bytes of the ONNX model, for any number of images; its outputs are those of the file, in its order. Understands what the face
 * networks are made of; anything else throws with the node's name.
 */
export function graphModelOnnx(
  nodes: readonly GraphModelNode[],
  weights: Readonly<Record<string, GraphModelWeight>>,
  { sizePx, scale, shift }: GraphModelInput,
): Uint8Array {
  const onnx = new OnnxBuilder();
  const outputs: { readonly name: string }[] = [];
  const held = (weight: string) => weights[weight].values as Float32Array;
  /** A number for each channel, as it lies beside a map. */
  const channels = (weight: string) => onnx.hold(weight, [held(weight).length, 1, 1], held(weight));
  const kernel = (weight: string, isDepthwise: boolean) => onnx.kernel(weight, weights[weight].shape, held(weight), isDepthwise);

  for (const { name, op, input = [], attr = {} } of nodes) {
    const [x, second, bias, slope] = input;
    const sides = (key: string) => (attr[key].list?.i ?? []).slice(1, 3).map(Number);
    const padding = () => ({ strides: sides('strides'), auto_pad: textOf(attr.padding.s) === 'SAME' ? 'SAME_UPPER' : 'VALID' });
    if (op === 'Placeholder') onnx.images(name, scale, shift);
    else if (op === '_FusedConv2D') {
      const [, activation] = attr.fused_ops.list?.s?.map(textOf) ?? [];
      const inputs = [x, kernel(second, false), onnx.hold(bias, weights[bias].shape, held(bias))];
      const convolved = onnx.add('Conv', inputs, activation ? `${name}/linear` : name, padding());
      if (activation === 'Relu') onnx.add('Relu', [convolved], name);
      if (activation === 'Prelu') onnx.add('PRelu', [convolved, channels(slope)], name);
    } else if (op === 'DepthwiseConv2dNative') {
      onnx.add('Conv', [x, kernel(second, true)], name, { ...padding(), group: weights[second].shape[2] });
    } else if (op === 'MaxPool') onnx.add(op, [x], name, { ...padding(), kernel_shape: sides('ksize') });
    else if (op === 'Prelu') onnx.add('PRelu', [x, channels(second)], name);
    else if (op === 'Pad') {
      const { values } = weights[second]; // a row for each of batch, height, width, channels: before, after
      const pads = [0, 1].flatMap((end) => [0, 3, 1, 2].map((row) => values[2 * row + end]));
      onnx.add(op, [x, onnx.ints(`${name}/pads`, pads)], name);
    } else if (op === 'Reshape') {
      const [, ...shape] = weights[second].values; // whatever number of images the file was made for
      onnx.add(op, [onnx.channelsLast(x, `${name}/map`), onnx.ints(`${name}/shape`, [-1, ...shape])], name);
    } else if (op === 'Identity') outputs.push({ name: x });
    else if (op === 'AddV2') onnx.add('Add', input, name);
    else if (op === 'Relu' || op === 'Sigmoid') onnx.add(op, input, name);
    else if (op !== 'Const') throw new Error(`Node "${name}" is a ${op}: the reader of graph models knows no such node.`);
  }
  return onnx.encode('graph', [{ name: 'pixels', type: 'UINT8', shape: [sizePx, sizePx, 3] }], outputs);
}

function textOf(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}
