/** Types for the few protobuf classes that tfjs-node ships for reading SavedModels; we use them to write one. */

/** TensorFlow's numbers for the element types used here. */
export const DT = { float: 1, int32: 3, uint8: 4, resource: 20 } as const;
export type DataType = (typeof DT)[keyof typeof DT];

export interface AttrMessage {
  setType(type: DataType): void;
  setShape(shape: object): void;
  setList(list: object): void;
  setTensor(tensor: object): void;
  setS(bytes: Uint8Array): void;
  setB(flag: boolean): void;
  setI(value: number): void;
}
export interface NodeMessage {
  setName(name: string): void;
  setOp(op: string): void;
  addInput(input: string): void;
  getAttrMap(): Map<string, AttrMessage>;
}
interface ShapeMessage {
  setDimList(dims: object[]): void;
}
interface ShapeClass {
  new (): ShapeMessage;
  readonly Dim: new () => { setSize(size: number): void };
}
interface TensorMessage {
  setDtype(type: DataType): void;
  setTensorShape(shape: object): void;
  setTensorContent(bytes: Uint8Array): void;
}
interface MetaGraphMessage {
  setMetaInfoDef(info: object): void;
  setGraphDef(graph: object): void;
}
interface Messages {
  readonly AttrValue: { new (): AttrMessage; readonly ListValue: new () => { setIList(values: readonly number[]): void } };
  readonly NodeDef: new () => NodeMessage;
  readonly TensorShape: ShapeClass;
  readonly Tensor: new () => TensorMessage;
  readonly VersionDef: new () => { setProducer(version: number): void };
  readonly GraphDef: new () => { setNodeList(nodes: readonly NodeMessage[]): void; setVersions(versions: object): void };
  readonly MetaGraphDef: { new (): MetaGraphMessage; readonly MetaInfoDef: new () => { setTagsList(tags: readonly string[]): void } };
  readonly SavedModel: new () => {
    setSavedModelSchemaVersion(version: number): void;
    setMetaGraphsList(graphs: readonly object[]): void;
    serializeBinary(): Uint8Array;
  };
}

export const messages: Messages = require('@tensorflow/tfjs-node/dist/proto/api_pb.js');

/** The producer version of GraphDefs that TensorFlow 2.9 and later read alike. */
const GRAPH_PRODUCER = 1087;

export function shapeMessage(shape: readonly number[]): object {
  const message = new messages.TensorShape();
  message.setDimList(
    shape.map((size) => {
      const dim = new messages.TensorShape.Dim();
      dim.setSize(size);
      return dim;
    }),
  );
  return message;
}

/** The bytes of a `saved_model.pb` with one graph under the tag `serve`. */
export function savedModelBytes(nodes: readonly NodeMessage[]): Uint8Array {
  const versions = new messages.VersionDef();
  versions.setProducer(GRAPH_PRODUCER);
  const graph = new messages.GraphDef();
  graph.setNodeList(nodes);
  graph.setVersions(versions);
  const info = new messages.MetaGraphDef.MetaInfoDef();
  info.setTagsList(['serve']);
  const metaGraph = new messages.MetaGraphDef();
  metaGraph.setMetaInfoDef(info);
  metaGraph.setGraphDef(graph);
  const savedModel = new messages.SavedModel();
  savedModel.setSavedModelSchemaVersion(1);
  savedModel.setMetaGraphsList([metaGraph]);
  return savedModel.serializeBinary();
}
