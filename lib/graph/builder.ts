/** Writes a TensorFlow graph node by node. A tensor is named by the node that makes it: "name:0". */
import { type AttrMessage, type DataType, DT, messages, type NodeMessage, shapeMessage } from './proto';

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
    const node = new messages.NodeDef();
    node.setName(name);
    node.setOp(op);
    for (const input of inputs) node.addInput(input);
    for (const before of options.after ?? []) node.addInput(`^${before.split(':')[0]}`);
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
    const tensor = new messages.Tensor();
    tensor.setDtype(type);
    tensor.setTensorShape(shapeMessage(shape));
    tensor.setTensorContent(new Uint8Array(values.buffer));
    const name = this.add('Const', [], { dtype: { type } }, options);
    const attribute = new messages.AttrValue();
    attribute.setTensor(tensor);
    this.nodes[this.nodes.length - 1].getAttrMap().set('value', attribute);
    return name;
  }
}

function attributeMessage(value: Attribute): AttrMessage {
  const message = new messages.AttrValue();
  if ('type' in value) message.setType(value.type);
  else if ('shape' in value) message.setShape(shapeMessage(value.shape));
  else if ('text' in value) message.setS(Buffer.from(value.text));
  else if ('flag' in value) message.setB(value.flag);
  else if ('int' in value) message.setI(value.int);
  else {
    const list = new messages.AttrValue.ListValue();
    list.setIList(value.ints);
    message.setList(list);
  }
  return message;
}
