/**
 * The layers of a Keras weights file in HDF5, whichever Keras wrote it: the legacy layout (`Conv1/Conv1/kernel:0`, also
 * below `model_weights` and in nested models) and Keras 3's `.weights.h5` (`layers/conv2d/vars/0`, the layer's name being
 * an attribute). HDF5 itself is read by h5wasm, the C library compiled to WebAssembly: 4 MB, so only loaded when needed.
 */
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset, Group, File as Hdf5File } from 'h5wasm';
import { InputError, messageOf } from '../base/errors';
import type { NamedWeight } from './weights';

/** A layer's weights, by their own names: `kernel`, `gamma`, …, or `0`, `1`, … where the file only numbers them. */
export type LayerWeights = Map<string, NamedWeight>;

interface Hdf5 {
  readonly ready: Promise<{ activate_throwing_error_handler(): number }>;
  readonly File: typeof Hdf5File;
}

const SIGNATURE = '\x89HDF\r\n\x1a\n';

/** Optimiser state lies beside the weights in a file of a whole model and bears similar names. */
const NOT_LAYERS: ReadonlySet<string> = new Set(['optimizer', 'optimizer_weights']);

/**
 * Every layer that has weights, by its Keras name. Throws an InputError naming the file where it cannot be read, is not
 * HDF5, or is damaged.
 */
export async function readHdf5Layers(file: string): Promise<ReadonlyMap<string, LayerWeights>> {
  await requireSignature(file);
  const { File, ready } = await loadHdf5();
  (await ready).activate_throwing_error_handler(); // without it the C library prints a page of its own on stderr
  const layers = new Map<string, LayerWeights>();
  try {
    const hdf5 = new File(path.resolve(file), 'r');
    try {
      collect(hdf5, [], undefined, layers);
    } finally {
      hdf5.close();
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${file}: a damaged HDF5 file (${reason(error)}). Copy or download it again.`);
  }
  return layers;
}

/** h5wasm has only an ES module, and TypeScript would turn a plain `import()` into a `require` in notebooks. */
async function loadHdf5(): Promise<Hdf5> {
  const load: (name: string) => Promise<Hdf5> = new Function('name', 'return import(name)').bind(undefined);
  return load('h5wasm/node');
}

function collect(group: Group, above: readonly string[], layerAttribute: string | undefined, layers: Map<string, LayerWeights>): void {
  for (const key of group.keys()) {
    if (above.length === 0 && NOT_LAYERS.has(key)) continue;
    const child = group.get(key);
    if (isGroup(child)) {
      const name = child.attrs.name?.value;
      collect(child, [...above, key], typeof name === 'string' ? name : undefined, layers);
    } else if (isDataset(child)) {
      const layer = layerAttribute ?? above.at(-1) ?? '';
      const weights = layers.get(layer) ?? new Map();
      weights.set(key.replace(/:\d+$/, ''), readDataset(child));
      layers.set(layer, weights);
    }
  }
}

/** The classes themselves come with the lazily loaded module, so an instance is known by what it can do. */
function isGroup(entity: unknown): entity is Group {
  return typeof entity === 'object' && entity !== null && 'keys' in entity && 'get' in entity;
}

function isDataset(entity: unknown): entity is Dataset {
  return typeof entity === 'object' && entity !== null && 'to_array' in entity && 'shape' in entity;
}

function readDataset(dataset: Dataset): NamedWeight {
  const { value, shape } = dataset;
  if (value === null || shape === null) throw new Error(`${dataset.path} cannot be read`);
  if (typeof value === 'number') return { shape, values: Float32Array.of(value) };
  if (!(value instanceof Float32Array || value instanceof Float64Array)) return { shape, values: new Float32Array(0) };
  return { shape, values: Float32Array.from(value) };
}

/** The C library reports its whole stack of calls; the innermost says what was wrong. */
function reason(error: unknown): string {
  const calls = [...messageOf(error).matchAll(/line \d+ in \w+\(\): (.*)/g)];
  return calls.at(-1)?.[1] ?? messageOf(error).split('\n')[0];
}

async function requireSignature(file: string): Promise<void> {
  const start = Buffer.alloc(SIGNATURE.length);
  try {
    const handle = await open(file);
    await handle.read(start, 0, start.length, 0).finally(() => handle.close());
  } catch (error) {
    throw new InputError(`${file}: cannot be read (${messageOf(error)}). Expected a Keras weights file (.h5).`);
  }
  if (start.toString('latin1') !== SIGNATURE) throw new InputError(`${file}: not an HDF5 file. Expected a Keras weights file (.h5).`);
}
