/**
 * Writes a tfjs GraphModel, which is a TensorFlow graph in JSON, node by node into a graph of ours: as one session it runs
 * many times as fast as operation by operation. What tfjs's converter has fused is taken apart again, since libtensorflow
 * fuses by itself what its kernels can do together.
 */
import { FLOAT, type GraphBuilder, INT32, type TensorName } from './builder';

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

/**
 * Writes `nodes` with `input` in the place of their placeholder, for any number of images, and returns their outputs in the
 * order of the file. Understands what the face networks are made of; anything else throws with the node's name.
 */
export function writeGraphModel(
  graph: GraphBuilder,
  nodes: readonly GraphModelNode[],
  weights: Readonly<Record<string, GraphModelWeight>>,
  input: TensorName,
): TensorName[] {
  const written = new Map<string, TensorName>();
  const outputs: TensorName[] = [];

  function write({ name, op, input: from = [], attr = {} }: GraphModelNode): TensorName {
    const inputs = from.map((source) => written.get(source) ?? '');
    const window = (...names: readonly string[]) => Object.fromEntries(names.map((key) => [key, attr[key].list?.i?.map(Number) ?? []]));
    const spatial = { T: FLOAT, data_format: 'NHWC', padding: textOf(attr.padding?.s) };
    switch (op) {
      case 'Placeholder':
        return input;
      case 'Const': {
        const { shape, values } = weights[name];
        return values instanceof Float32Array ? graph.floats(values, shape) : graph.ints([...values], shape);
      }
      case '_FusedConv2D': {
        const [x, kernel, bias, slope] = inputs;
        const convolved = graph.add('Conv2D', [x, kernel], { ...spatial, ...window('strides', 'dilations') });
        const [, activation] = attr.fused_ops.list?.s?.map(textOf) ?? [];
        return activate(activation, graph.add('BiasAdd', [convolved, bias]), slope);
      }
      case 'DepthwiseConv2dNative':
        return graph.add(op, inputs, { ...spatial, ...window('strides', 'dilations') });
      case 'MaxPool':
        return graph.add(op, inputs, { ...spatial, ...window('strides', 'ksize') });
      case 'Prelu':
        return activate(op, inputs[0], inputs[1]);
      case 'Pad':
        return graph.add(op, inputs, { T: FLOAT, Tpaddings: INT32 });
      case 'Reshape': {
        const [, ...shape] = weights[from[1]].values; // whatever number of images the file was made for
        return graph.add(op, [inputs[0], graph.ints([-1, ...shape])], { T: FLOAT, Tshape: INT32 });
      }
      case 'Identity':
        outputs.push(inputs[0]);
        return inputs[0];
      case 'AddV2':
      case 'Relu':
      case 'Sigmoid':
        return graph.add(op, inputs);
      default:
        throw new Error(`Node "${name}" is a ${op}: the reader of graph models knows no such node.`);
    }
  }

  /** PReLU, which libtensorflow has no kernel for: `max(x, 0) + slope · min(x, 0)`. */
  function activate(activation: string | undefined, x: TensorName, slope: TensorName): TensorName {
    if (activation === undefined) return x;
    const positive = graph.add('Relu', [x]);
    if (activation === 'Relu') return positive;
    return graph.add('AddV2', [positive, graph.add('Mul', [slope, graph.add('Minimum', [x, graph.floats([0])])])]);
  }

  for (const node of nodes) written.set(node.name, write(node));
  return outputs;
}

function textOf(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}
