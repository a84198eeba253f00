/** The few protobuf classes that tfjs-node ships for reading SavedModels; we use them to write one. */

export interface Message {
  serializeBinary(): Uint8Array;
}

export interface NodeMessage extends Message {
  getAttrMap(): Map<string, Message>;
}

/** A class of messages, and the classes declared inside it. */
interface MessageClass<M extends Message = Message> {
  new (): M;
  readonly [nested: string]: MessageClass;
}

interface Classes {
  readonly [name: string]: MessageClass;
  readonly NodeDef: MessageClass<NodeMessage>;
}

export const classes: Classes = require('@tensorflow/tfjs-node/dist/proto/api_pb.js');

/** The producer version of GraphDefs that TensorFlow 2.9 and later read alike. */
const GRAPH_PRODUCER = 1087;

/** A message with its fields set: `nodeList` by `setNodeList`. Throws a TypeError for a field that the class does not have. */
export function message<M extends Message>(Class: MessageClass<M>, fields: Readonly<Record<string, unknown>>): M {
  const made = new Class();
  const setters = made as unknown as Readonly<Record<string, (value: unknown) => void>>;
  for (const [name, value] of Object.entries(fields)) setters[`set${name[0].toUpperCase()}${name.slice(1)}`](value);
  return made;
}

export function shapeMessage(shape: readonly number[]): Message {
  const { TensorShape } = classes;
  return message(TensorShape, { dimList: shape.map((size) => message(TensorShape.Dim, { size })) });
}

/** The bytes of a `saved_model.pb` with one graph under the tag `serve`. */
export function savedModelBytes(nodes: readonly NodeMessage[]): Uint8Array {
  const { GraphDef, MetaGraphDef, SavedModel, VersionDef } = classes;
  const graphDef = message(GraphDef, { nodeList: nodes, versions: message(VersionDef, { producer: GRAPH_PRODUCER }) });
  const graph = message(MetaGraphDef, { metaInfoDef: message(MetaGraphDef.MetaInfoDef, { tagsList: ['serve'] }), graphDef });
  return message(SavedModel, { savedModelSchemaVersion: 1, metaGraphsList: [graph] }).serializeBinary();
}
