/** Writes an ONNX model node by node, for onnxruntime and whatever else reads such files. Maps are `[batch, channels, height, width]` there. */
import protobuf from 'protobufjs';
import { projectPath } from '../base/project';

/** The oldest that has all operators as they are used here: what reads it is of 2019 or later. */
const VERSIONS = { ir: 7, operators: 13 } as const;

type ElementType = 'FLOAT' | 'UINT8' | 'INT64';

/** What a model takes or answers; `shape` is that of one image, and left out where nobody needs it. */
export interface OnnxValue {
  readonly name: string;
  readonly type?: ElementType;
  readonly shape?: readonly number[];
}

type Metadata = Readonly<Record<string, string>>;
type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** ONNX's own description of a model, read when the first is written. */
let modelType: protobuf.Type | undefined;

/** The state: the nodes and constants written so far. */
export class OnnxBuilder {
  private readonly node: object[] = [];
  private readonly initializer: object[] = [];

  /** Appends a node that makes `output` of `inputs`, and names it. */
  add(opType: string, input: readonly string[], output: string, attributes: Attributes = {}): string {
    const attribute = Object.entries(attributes).map(([name, value]) => {
      if (typeof value === 'number') return { name, i: value, type: 'INT' };
      return typeof value === 'string' ? { name, s: Buffer.from(value), type: 'STRING' } : { name, ints: value, type: 'INTS' };
    });
    this.node.push({ opType, input, output: [output], name: output, attribute });
    return output;
  }

  /** Holds numbers under a name: whole ones as int64, others as float32. */
  hold(name: string, dims: readonly number[], values: Float32Array | BigInt64Array): string {
    const { buffer, byteOffset, byteLength } = values;
    const dataType: ElementType = values instanceof Float32Array ? 'FLOAT' : 'INT64';
    this.initializer.push({ name, dims, dataType, rawData: new Uint8Array(buffer, byteOffset, byteLength) });
    return name;
  }

  scalar(name: string, value: number): string {
    return this.hold(name, [], Float32Array.of(value));
  }

  ints(name: string, values: readonly number[]): string {
    return this.hold(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A kernel `[kh, kw, in, out]` as ONNX has it, `[out, in, kh, kw]`; a depthwise one `[kh, kw, channels, 1]` as `[channels, 1, kh, kw]`. */
  kernel(name: string, [height, width, ...channels]: readonly number[], values: Float32Array, isDepthwise: boolean): string {
    const [inputs, outputs] = isDepthwise ? [...channels].reverse() : channels;
    const turned = new Float32Array(values.length);
    let to = 0;
    for (let output = 0; output < outputs; output++) {
      for (let input = 0; input < inputs; input++) {
        for (let place = 0; place < height * width; place++) turned[to++] = values[(place * inputs + input) * outputs + output];
      }
    }
    return this.hold(name, [outputs, inputs, height, width], turned);
  }

  /** uint8 RGB images `pixels` `[batch, height, width, 3]` as a map of `scale * value + shift`. */
  images(map: string, scale: number, shift: number): void {
    this.add('Cast', ['pixels'], 'pixels/float', { to: 1 });
    this.add('Mul', ['pixels/float', this.scalar('pixels/scale', scale)], 'pixels/scaled');
    this.add('Add', ['pixels/scaled', this.scalar('pixels/shift', shift)], 'pixels/shifted');
    this.add('Transpose', ['pixels/shifted'], map, { perm: [0, 3, 1, 2] });
  }

  /** A map as `[batch, height, width, channels]`. */
  channelsLast(map: string, output: string): string {
    return this.add('Transpose', [map], output, { perm: [0, 2, 3, 1] });
  }

  /** The file's bytes; `metadata` becomes its metadata_props. */
  encode(name: string, input: readonly OnnxValue[], output: readonly OnnxValue[], metadata: Metadata = {}): Uint8Array {
    modelType ??= protobuf.loadSync(projectPath('lib', 'graph', 'onnx.proto')).lookupType('onnx.ModelProto');
    const model = modelType.fromObject({
      irVersion: VERSIONS.ir,
      producerName: 'faces-course',
      graph: { name, node: this.node, initializer: this.initializer, input: input.map(valueInfo), output: output.map(valueInfo) },
      opsetImport: [{ domain: '', version: VERSIONS.operators }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return modelType.encode(model).finish();
  }
}

function valueInfo({ name, type = 'FLOAT', shape }: OnnxValue): object {
  const dim = shape && [{ dimParam: 'batch' }, ...shape.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: type, ...(dim && { shape: { dim } }) } } };
}
