/** Writes a TensorFlow graph node by node. A tensor is named by the node that makes it: "name:0". */
import { classes, type DataType, DT, type Message, message, type NodeMessage, shapeMessage } from './proto';

/** The name of one output of one node. */
export type TensorName = string;

export type Attribute =
  | { readonly type: DataType }
  | { readonly shape: readonly number[] }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
  | { readonly flag: boolean }
  | { readonly int: number };

export interface NodeOptions {
  readonly name?: string;
  /** Nodes that must have run before this one. */
  readonly after?: readonly TensorName[];
}

export const FLOAT: Attribute = { type: DT.float };
export const INT32: Attribute = { type: DT.int32 };

/** The state: the nodes written so far, and a counter that keeps their names apart. */
export class GraphBuilder {
  readonly nodes: NodeMessage[] = [];

  /** Appends a node and names its first output; the others are "name:1", "name:2". */
  add(op: string, inputs: readonly TensorName[], attributes: Readonly<Record<string, Attribute>>, options: NodeOptions = {}): TensorName {
    const name = options.name ?? `${op}_${this.nodes.length}`;
    const before = (options.after ?? []).map((tensor) => `^${tensor.split(':')[0]}`);
    const node = message(classes.NodeDef, { name, op, inputList: [...inputs, ...before] });
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, attributeMessage(value));
    this.nodes.push(node);
    return `${name}:0`;
  }

  placeholder(name: string, type: DataType, shape: readonly number[]): TensorName {
    return this.add('Placeholder', [], { dtype: { type }, shape: { shape } }, { name });
  }

  floats(values: readonly number[] | Float32Array, shape: readonly number[] = [], options: NodeOptions = {}): TensorName {
    return this.constant(DT.float, Float32Array.from(values), shape, options);
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): TensorName {
    return this.constant(DT.int32, Int32Array.from(values), shape, {});
  }

  private constant(type: DataType, values: Float32Array | Int32Array, shape: readonly number[], options: NodeOptions): TensorName {
    const tensor = message(classes.Tensor, {
      dtype: type,
      tensorShape: shapeMessage(shape),
      tensorContent: new Uint8Array(values.buffer),
    });
    const name = this.add('Const', [], { dtype: { type } }, options);
    this.nodes[this.nodes.length - 1].getAttrMap().set('value', message(classes.AttrValue, { tensor }));
    return name;
  }
}

function attributeMessage(value: Attribute): Message {
  const { AttrValue } = classes;
  if ('type' in value) return message(AttrValue, { type: value.type });
  if ('shape' in value) return message(AttrValue, { shape: shapeMessage(value.shape) });
  if ('text' in value) return message(AttrValue, { s: Buffer.from(value.text) });
  if ('flag' in value) return message(AttrValue, { b: value.flag });
  if ('int' in value) return message(AttrValue, { i: value.int });
  return message(AttrValue, { list: message(AttrValue.ListValue, { iList: value.ints }) });
}
