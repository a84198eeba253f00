/** Variables that live in a session between its runs, and the nodes that set them from outside. */
import { FLOAT, type GraphBuilder, type TensorName } from './builder';
import { DT } from './proto';

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
  const attributes = { dtype: FLOAT, shape: { shape }, shared_name: { text: name }, container: { text: '' } };
  const handle = graph.add('VarHandleOp', [], attributes, { name: `variable/${name}` });
  return { name, shape, handle, value: graph.add('ReadVariableOp', [handle], { dtype: FLOAT }, { name: `read/${name}` }) };
}

export function settable<T extends Variable>(graph: GraphBuilder, target: T): T & SettableVariable {
  const feed = graph.placeholder(`set/${target.name}`, DT.float, target.shape);
  // A variable that shared the fed array would let go of it at its first update, on a thread of TensorFlow's, and tfjs-node
  // may free what belongs to JavaScript on JavaScript's thread only: now and then, a training crashed.
  const copy = graph.add('DeepCopy', [feed], { T: FLOAT });
  return { ...target, feed, assign: graph.add('AssignVariableOp', [target.handle, copy], { dtype: FLOAT }) };
}

/** A tensor that, fetched with every feed of `targets`, sets them all. */
export function setAll(graph: GraphBuilder, targets: readonly SettableVariable[]): TensorName {
  return graph.floats([1], [], { after: targets.map(({ assign }) => assign) });
}
