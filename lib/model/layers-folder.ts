/**
 * Reads the weights of a stock tfjs LayersModel folder: model.json, whose manifest says what lies where, and its shards.
 * Plain arrays come out, so no engine has to be loaded and no tensor disposed of. The encodings are those that tfjs's own
 * converters write: float32, and float16, uint8 or uint16 quantisation.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError, messageOf } from '../base/errors';
import { decodeWeight, encodedBytes, type WeightEncoding } from './weight-encoding';
import type { NamedWeight, NamedWeights } from './weights';

interface ManifestGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightEncoding[];
}

/** Whether a folder looks like a tfjs model. */
export function isLayersFolder(folder: string): boolean {
  return existsSync(path.join(folder, 'model.json'));
}

/**
 * Every weight of the model in `folder`, by name. Throws an InputError naming the file where there is no model.json, it is
 * not the JSON of a LayersModel, or a shard is missing or not as long as the manifest says.
 */
export async function readLayersFolder(folder: string): Promise<NamedWeights> {
  const result: Record<string, NamedWeight> = {};
  for (const group of await readManifest(folder)) {
    const bytes = Buffer.concat(await Promise.all(group.paths.map((shard) => readShard(folder, shard))));
    const expectedBytes = group.weights.reduce((sum, weight) => sum + encodedBytes(weight), 0);
    if (bytes.length !== expectedBytes) {
      const shards = group.paths.map((shard) => path.join(folder, shard)).join(' + ');
      throw new InputError(`${shards}: ${bytes.length} bytes, expected ${expectedBytes} by its model.json. Copy the folder again.`);
    }
    let offset = 0;
    for (const encoding of group.weights) {
      const length = encodedBytes(encoding);
      const name = plainName(encoding.name);
      if (Object.hasOwn(result, name)) throw new InputError(`${path.join(folder, 'model.json')}: two weights are called ${name}.`);
      result[name] = { shape: encoding.shape, values: decodeWeight(encoding, bytes.subarray(offset, offset + length)) };
      offset += length;
    }
  }
  return result;
}

/** tfjs may nest names below the model's, number repeated ones, and keeps TensorFlow's `:0`; `<layer>/<weight>` is left. */
function plainName(name: string): string {
  return name
    .replace(/:\d+$/, '')
    .replace(/(kernel|bias)_\d+$/, '$1')
    .split('/')
    .slice(-2)
    .join('/');
}

async function readManifest(folder: string): Promise<readonly ManifestGroup[]> {
  const file = path.join(folder, 'model.json');
  if (!existsSync(folder)) throw new InputError(`${folder}: no such folder. Expected a tfjs LayersModel: model.json and its shards.`);
  if (!existsSync(file)) throw new InputError(`${folder}: no model.json in it. Expected a tfjs LayersModel: model.json and its shards.`);
  const model = parseJson(file, await readFile(file, 'utf8'));
  if (!isObject(model) || !Array.isArray(model.weightsManifest)) {
    throw new InputError(`${file}: no "weightsManifest" in it. Expected the model.json of a tfjs LayersModel.`);
  }
  if (model.format === 'graph-model') {
    throw new InputError(`${file}: format "graph-model", expected "layers-model". A graph model cannot be trained further.`);
  }
  if (!model.weightsManifest.every(isGroup)) {
    throw new InputError(`${file}: a group of its "weightsManifest" lacks "paths" or well-formed "weights".`);
  }
  return model.weightsManifest;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: not JSON (${messageOf(error)}). Expected the model.json of a tfjs LayersModel.`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isGroup(value: unknown): value is ManifestGroup {
  if (!isObject(value) || !Array.isArray(value.paths) || !Array.isArray(value.weights)) return false;
  return value.paths.every((shard) => typeof shard === 'string') && value.weights.every(isEncoding);
}

function isEncoding(value: unknown): value is WeightEncoding {
  if (!isObject(value) || typeof value.name !== 'string' || typeof value.dtype !== 'string' || !Array.isArray(value.shape)) return false;
  return value.shape.every((side) => Number.isInteger(side) && side >= 0);
}

async function readShard(folder: string, shard: string): Promise<Buffer> {
  const file = path.resolve(folder, shard);
  if (path.relative(folder, file).startsWith('..')) {
    throw new InputError(`${path.join(folder, 'model.json')}: the shard ${shard} lies outside the folder.`);
  }
  try {
    return await readFile(file);
  } catch (error) {
    throw new InputError(
      `${file}: cannot be read (${messageOf(error)}). The model.json beside it names it as a shard; copy the folder again.`,
    );
  }
}
