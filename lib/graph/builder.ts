/** Writes a TensorFlow graph node by node. A tensor is named by the node that makes it and the output's number: "name:0". */
import { classes, type Message, message, type NodeMessage, shapeMessage } from './proto';

/** The name of one output of one node. */
export type TensorName = string;

/** An element type, by TensorFlow's number for it. */
export interface ElementType {
  readonly type: number;
}

export const FLOAT: ElementType = { type: 1 };
export const INT32: ElementType = { type: 3 };
export const UINT8: ElementType = { type: 4 };

type Attribute = ElementType | { readonly shape: readonly number[] } | readonly number[] | string | boolean | number;

export interface NodeOptions {
  readonly name?: string;
  /** Nodes that must have run before this one. */
  readonly after?: readonly TensorName[];
}

/** The state: the nodes written so far, and a counter that keeps their names apart. */
export class GraphBuilder {
  readonly nodes: NodeMessage[] = [];

  /** Appends a node, by default one that works on floats, and names its first output. */
  add(
    op: string,
    inputs: readonly TensorName[],
    attributes: Readonly<Record<string, Attribute>> = { T: FLOAT },
    { name = `${op}_${this.nodes.length}`, after = [] }: NodeOptions = {},
  ): TensorName {
    const before = after.map((tensor) => `^${tensor.split(':')[0]}`);
    const node = message(classes.NodeDef, { name, op, inputList: [...inputs, ...before] });
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, attributeMessage(value));
    this.nodes.push(node);
    return `${name}:0`;
  }

  placeholder(name: string, dtype: ElementType, shape: readonly number[]): TensorName {
    return this.add('Placeholder', [], { dtype, shape: { shape } }, { name });
  }

  floats(values: readonly number[] | Float32Array, shape: readonly number[] = [], options?: NodeOptions): TensorName {
    return this.constant(FLOAT, Float32Array.from(values), shape, options);
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): TensorName {
    return this.constant(INT32, Int32Array.from(values), shape);
  }

  private constant(dtype: ElementType, { buffer }: Float32Array | Int32Array, shape: readonly number[], options?: NodeOptions): TensorName {
    const name = this.add('Const', [], { dtype }, options);
    const fields = { dtype: dtype.type, tensorShape: shapeMessage(shape), tensorContent: new Uint8Array(buffer) };
    const value = message(classes.AttrValue, { tensor: message(classes.Tensor, fields) });
    this.nodes[this.nodes.length - 1].getAttrMap().set('value', value);
    return name;
  }
}

/** Another output of the node whose first is `tensor`. */
export function outputOf(tensor: TensorName, index: number): TensorName {
  return tensor.replace(/:0$/, `:${index}`);
}

/** A variable that lives in a session between its runs. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly handle: TensorName;
  /** Fetch it to read the variable. */
  readonly value: TensorName;
}

export interface SettableVariable extends Variable {
  /** Feed it to set the variable. */
  readonly feed: TensorName;
  readonly assign: TensorName;
}

/** A float variable under `name`, which must be unlike all others of the graph. */
export function variable(graph: GraphBuilder, name: string, shape: readonly number[]): Variable {
  const attributes = { dtype: FLOAT, shape: { shape }, shared_name: name, container: '' };
  const handle = graph.add('VarHandleOp', [], attributes, { name: `variable/${name}` });
  return { name, shape, handle, value: graph.add('ReadVariableOp', [handle], { dtype: FLOAT }, { name: `read/${name}` }) };
}

export function settable<T extends Variable>(graph: GraphBuilder, target: T): T & SettableVariable {
  const feed = graph.placeholder(`set/${target.name}`, FLOAT, target.shape);
  // A variable that shared the fed array would let go of it at its first update, on a thread of TensorFlow's, and tfjs-node
  // may free what belongs to JavaScript on JavaScript's thread only: now and then, a training crashed.
  const copy = graph.add('DeepCopy', [feed]);
  return { ...target, feed, assign: graph.add('AssignVariableOp', [target.handle, copy], { dtype: FLOAT }) };
}

/** A tensor that, fetched with every feed of `targets`, sets them all. */
export function setAll(graph: GraphBuilder, targets: readonly SettableVariable[]): TensorName {
  return graph.floats([1], [], { after: targets.map(({ assign }) => assign) });
}

function attributeMessage(value: Attribute): Message {
  const { AttrValue } = classes;
  if (typeof value === 'string') return message(AttrValue, { s: Buffer.from(value) });
  if (typeof value === 'boolean') return message(AttrValue, { b: value });
  if (typeof value === 'number') return message(AttrValue, { i: value });
  if ('type' in value) return message(AttrValue, { type: value.type });
  if ('shape' in value) return message(AttrValue, { shape: shapeMessage(value.shape) });
  return message(AttrValue, { list: message(AttrValue.ListValue, { iList: value }) });
}
