/**
 * How weights lie in a stock tfjs LayersModel folder: model.json, whose manifest says what lies where, and its shards. The
 * encodings are those of tfjs's own converters: float32, and float16, uint8 or uint16 quantisation. Plain arrays come out:
 * tf.io makes tensors of them, and for that the engine would open before training has said how many threads it wants.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { globSync } from 'glob';
import * as v from 'valibot';
import { InputError, messageOf } from '../base/errors';
import { readJson } from '../base/files';
import { type NamedWeight, type NamedWeights, shapeSize } from './weights';

const SIDE = v.pipe(v.number(), v.integer(), v.minValue(0));
const QUANTIZATION = v.object({ dtype: v.string(), scale: v.optional(v.number()), min: v.optional(v.number()) });
const WEIGHT = v.object({ name: v.string(), shape: v.array(SIDE), dtype: v.string(), quantization: v.optional(QUANTIZATION) });
const MODEL_JSON = v.object({
  format: v.optional(v.string()),
  modelTopology: v.optional(v.looseObject({})),
  userDefinedMetadata: v.optional(v.looseObject({})),
  weightsManifest: v.array(v.object({ paths: v.array(v.string()), weights: v.array(WEIGHT) })),
});

export type ModelJson = v.InferOutput<typeof MODEL_JSON>;

/** By type, how many bytes a value takes, and how one is read from them. */
const TYPES: Readonly<Record<string, readonly [bytes: number, read: (view: DataView, offset: number) => number]>> = {
  float32: [4, (view, offset) => view.getFloat32(offset, true)],
  int32: [4, (view, offset) => view.getInt32(offset, true)],
  float16: [2, (view, offset) => HALVES[view.getUint16(offset, true)]],
  uint16: [2, (view, offset) => view.getUint16(offset, true)],
  uint8: [1, (view, offset) => view.getUint8(offset)],
};

/**
 * What lies in `folder` or at most two folders deeper, by path: folders with a model.json, and Keras files, which are no weights
 * before `npm run download -- weights` makes a folder of them. Left out is what is hidden or half-written.
 */
export function findWeights(folder: string): { readonly folders: readonly string[]; readonly kerasFiles: readonly string[] } {
  const options = { cwd: folder, absolute: true, nodir: true, nocase: true, ignore: '**/*.part/**' };
  const below = (name: string) => globSync(`{,*/,*/*/}${name}`, options);
  const folders = below('model.json').map((file) => path.dirname(file));
  return { folders: folders.sort(), kerasFiles: below('*.{h5,hdf5}').sort() };
}

/**
 * Every weight of the model in `folder`, by name. Throws an InputError naming the file where there is no model.json, it is
 * not that of a LayersModel, or a shard is missing or not as long as the manifest says.
 */
export async function readLayersFolder(folder: string): Promise<NamedWeights> {
  const file = path.join(folder, 'model.json');
  const result: Record<string, NamedWeight> = {};
  for (const { paths, weights } of readModelJson(folder).weightsManifest) {
    const bytes = Buffer.concat(await Promise.all(paths.map((shard) => readShard(folder, shard))));
    let offset = 0;
    for (const { name: fullName, shape, dtype, quantization } of weights) {
      const name = plainName(fullName);
      const type = quantization?.dtype ?? dtype;
      if (!Object.hasOwn(TYPES, type)) {
        throw new InputError(`${file}: the weight ${name} is of type ${type}; expected ${Object.keys(TYPES).join(', ')}.`);
      }
      if (Object.hasOwn(result, name)) throw new InputError(`${file}: two weights are called ${name}.`);
      const length = shapeSize(shape) * TYPES[type][0];
      if (offset + length <= bytes.length) {
        result[name] = { shape, values: decode(bytes.subarray(offset, offset + length), TYPES[type], quantization) };
      }
      offset += length;
    }
    if (bytes.length !== offset) {
      const shards = paths.map((shard) => path.join(folder, shard)).join(' + ');
      throw new InputError(`${shards}: ${bytes.length} bytes, expected ${offset} by its model.json. Copy the folder again.`);
    }
  }
  return result;
}

/** tfjs may nest names below the model's, number repeated ones, and keeps TensorFlow's `:0`; `<layer>/<weight>` is left. */
function plainName(name: string): string {
  const plain = name.replace(/:\d+$/, '').replace(/(kernel|bias)_\d+$/, '$1');
  return plain.split('/').slice(-2).join('/');
}

function decode(bytes: Uint8Array, [size, read]: (typeof TYPES)[string], quantization?: v.InferOutput<typeof QUANTIZATION>): Float32Array {
  const { scale, min = 0 } = quantization ?? {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / size);
  for (let index = 0; index < values.length; index++) {
    const value = read(view, size * index);
    values[index] = scale === undefined ? value : value * scale + min;
  }
  return values;
}

/**
 * The model.json of a LayersModel in `folder`, its manifest checked, its topology and what else it holds not.
 * Throws an InputError, ending in `expected`, where it is none.
 */
export function readModelJson(folder: string, expected = 'Expected a tfjs LayersModel: model.json and its shards.'): ModelJson {
  const file = path.join(folder, 'model.json');
  if (!existsSync(file)) throw new InputError(`${folder}: ${existsSync(folder) ? 'no model.json in it' : 'no such folder'}. ${expected}`);
  const { success, output, issues } = v.safeParse(MODEL_JSON, readJson(file));
  if (!success) throw new InputError(`${file}: ${v.getDotPath(issues[0]) ?? 'content'}: ${issues[0].message}. ${expected}`);
  if (output.format !== 'graph-model') return output;
  throw new InputError(`${file}: format "graph-model", expected "layers-model". A graph model cannot be trained further.`);
}

async function readShard(folder: string, shard: string): Promise<Buffer> {
  const file = path.resolve(folder, shard);
  if (path.relative(folder, file).startsWith('..')) {
    throw new InputError(`${path.join(folder, 'model.json')}: the shard ${shard} lies outside the folder.`);
  }
  return readFile(file).catch((error) => {
    throw new InputError(`${file}: cannot be read (${messageOf(error)}). The model.json beside it names it; copy the folder again.`);
  });
}

/** Every number of IEEE 754 half precision, by its 16 bits: to look up two million is ten times as quick as to compute them. */
export const HALVES = Float32Array.from({ length: 65_536 }, (_, bits) => {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >>> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});
