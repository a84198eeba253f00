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
  const outputs: string[] = [];

  function write({ name, op, input = [], attr = {} }: GraphModelNode): void {
    const [x, second, bias, slope] = input;
    const sides = (key: string) => (attr[key].list?.i ?? []).slice(1, 3).map(Number);
    const padding = () => ({ strides: sides('strides'), auto_pad: textOf(attr.padding.s) === 'SAME' ? 'SAME_UPPER' : 'VALID' });
    const held = (weight: string) => weights[weight].values as Float32Array;
    switch (op) {
      case 'Placeholder':
        onnx.images(name, scale, shift);
        return;
      case 'Const':
        return; // held where it is used: there it is known what for
      case '_FusedConv2D': {
        const [, activation] = attr.fused_ops.list?.s?.map(textOf) ?? [];
        const kernel = onnx.kernel(second, weights[second].shape, held(second), false);
        const inputs = [x, kernel, onnx.floats(bias, weights[bias].shape, held(bias))];
        const convolved = onnx.add('Conv', inputs, activation ? `${name}/linear` : name, padding());
        if (activation === 'Relu') onnx.add('Relu', [convolved], name);
        if (activation === 'Prelu') onnx.add('PRelu', [convolved, channels(slope)], name);
        return;
      }
      case 'DepthwiseConv2dNative': {
        const { shape } = weights[second];
        onnx.add('Conv', [x, onnx.kernel(second, shape, held(second), true)], name, { ...padding(), group: shape[2] });
        return;
      }
      case 'MaxPool':
        onnx.add(op, [x], name, { ...padding(), kernel_shape: sides('ksize') });
        return;
      case 'Prelu':
        onnx.add('PRelu', [x, channels(second)], name);
        return;
      case 'Pad': {
        const { values } = weights[second]; // a row for each dimension: before, after
        const order = [0, 3, 1, 2];
        onnx.add(
          'Pad',
          [
            x,
            onnx.ints(
              `${name}/pads`,
              [0, 1].flatMap((end) => order.map((row) => values[2 * row + end])),
            ),
          ],
          name,
        );
        return;
      }
      case 'Reshape': {
        const [, ...shape] = weights[second].values; // whatever number of images the file was made for
        onnx.add(op, [onnx.channelsLast(x, `${name}/map`), onnx.ints(`${name}/shape`, [-1, ...shape])], name);
        return;
      }
      case 'Identity':
        outputs.push(x);
        return;
      case 'AddV2':
        onnx.add('Add', input, name);
        return;
      case 'Relu':
      case 'Sigmoid':
        onnx.add(op, input, name);
        return;
      default:
        throw new Error(`Node "${name}" is a ${op}: the reader of graph models knows no such node.`);
    }
  }

  /** A number for each channel, as it lies beside a map. */
  function channels(name: string): string {
    const { values } = weights[name];
    return onnx.floats(name, [values.length, 1, 1], values as Float32Array);
  }

  nodes.forEach(write);
  const values = outputs.map((name) => ({ name }));
  return onnx.encode('graph', [{ name: 'pixels', type: 'UINT8', shape: [sizePx, sizePx, 3] }], values);
}

function textOf(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}
