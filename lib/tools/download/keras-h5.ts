/**
 * Pretrained weights out of Keras: reads a MobileNetV2's weights file, folds every BatchNorm into the convolution before
 * it and gives the layers TF-slim's names, which are the ones used here; and makes of it, once, the folder that the library takes.
 *
 * The file may be of any Keras: the legacy layout (`Conv1/Conv1/kernel:0`, also below `model_weights` and in nested models)
 * or Keras 3's `.weights.h5` (`layers/conv2d/vars/0`, the layer's name being an attribute). HDF5 itself is read by h5wasm,
 * the C library compiled to WebAssembly: 4 MB, so only loaded when needed.
 */
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset, Group } from 'h5wasm';
import { InputError, messageOf } from '../../base/errors';
import { makeFolderAtomically, sweepHalfWritten } from '../../base/files';
import { mobileNetV2Shapes } from '../../model/mobilenet';
import { type NamedWeight, type NamedWeights, requireWeights } from '../../model/weights';

/** A layer's weights, by their own names: `kernel`, `gamma`, …, or `0`, `1`, … where the file only numbers them. */
type LayerWeights = Map<string, NamedWeight>;

type Normalisation = Readonly<Record<'gamma' | 'beta' | 'mean' | 'variance', Float32Array>>;

const SIGNATURE = '\x89HDF\r\n\x1a\n';

/** Optimiser state lies beside the weights in a file of a whole model and bears similar names. */
const NOT_LAYERS: ReadonlySet<string> = new Set(['optimizer', 'optimizer_weights']);

/** Keras builds MobileNetV2 with this instead of its usual BatchNorm epsilon. */
const EPSILON = 1e-3;

/**
 * Writes the MobileNetV2 in a Keras `.h5` file, folded, as a folder in `place` and answers its path, which bears the file's
 * name and what its content hashes to: found again there, nothing is written. Throws an InputError naming the file where it
 * cannot be read or holds no whole MobileNetV2 of width 1.0.
 */
export async function importKerasWeights(file: string, place: string): Promise<string> {
  const sha256 = hash('sha256', await readHdf5Bytes(file));
  const name = path.basename(file).replace(/(\.weights)?\.[^.]*$/i, '');
  const folder = path.join(place, `${name}-${sha256.slice(0, 8)}`);
  if (existsSync(path.join(folder, 'model.json'))) return folder;
  const weights = requireWeights(await readKerasH5(file), mobileNetV2Shapes(), file);
  await sweepHalfWritten(place);
  await makeFolderAtomically(folder, async (temporary) => writeLayersFolder(temporary, weights));
  return folder;
}

/** Writes weights as a tfjs LayersModel folder without a topology: enough for whoever reads only the weights. */
export function writeLayersFolder(folder: string, weights: NamedWeights): void {
  mkdirSync(folder, { recursive: true });
  const entries = Object.entries(weights);
  const manifest = entries.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  const bytes = entries.map(([, { values }]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  writeFileSync(path.join(folder, 'weights.bin'), Buffer.concat(bytes));
  const model = { format: 'layers-model', modelTopology: {}, weightsManifest: [{ paths: ['weights.bin'], weights: manifest }] };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(model));
}

/**
 * The weights of the MobileNetV2 in a Keras `.h5` or `.weights.h5` file, folded: `Conv/kernel`, `Conv/bias`, … Other layers
 * in the file, such as a classifier, are left out. Throws an InputError naming the file, and the layer, where it cannot be
 * read, is not HDF5 or damaged, holds no MobileNetV2, or a convolution lacks its BatchNorm; that none is missing is for
 * `requireWeights`.
 */
export async function readKerasH5(file: string): Promise<NamedWeights> {
  const misfit = (what: string) => new InputError(`${file}: ${what}. Expected the weights of keras.applications.MobileNetV2.`);
  const layers = [...(await readHdf5Layers(file))].map(([layer, weights]) => ({ layer, weights, ...slimName(layer) }));
  const result: Record<string, NamedWeight> = {};
  for (const { layer, weights, slim, isNorm } of layers) {
    if (slim === undefined || isNorm) continue;
    const kernelName = slim.endsWith('depthwise') ? 'depthwise_kernel' : 'kernel';
    const kernel = weights.get(kernelName) ?? weights.get('kernel') ?? weights.get('0');
    if (!kernel) throw misfit(`the layer ${layer} has no ${kernelName}`);
    const bias = weights.get('bias') ?? weights.get('1');
    const channels = kernelName === 'depthwise_kernel' ? kernel.shape[2] : kernel.shape[3];
    const norm = layers.find((other) => other.isNorm && other.slim === slim);
    if (!norm) throw misfit(`the layer ${layer} has no BatchNorm after it`);
    const folded = foldBatchNorm(kernel.values, bias?.values, readNorm(norm.layer, norm.weights, channels, misfit));
    result[`${slim}/${kernelName}`] = { shape: kernel.shape, values: folded.kernel };
    result[`${slim}/bias`] = { shape: [channels], values: folded.bias };
  }
  if (Object.keys(result).length === 0) throw misfit('no layer of a MobileNetV2 in it (such as Conv1)');
  return result;
}

/**
 * gamma * (w x + b - mean) / sqrt(variance + epsilon) + beta as one convolution. The channel runs fastest in the kernel, in a
 * depthwise one too since its last side is 1.
 */
export function foldBatchNorm(
  kernel: Float32Array,
  bias: Float32Array | undefined,
  { gamma, beta, mean, variance }: Normalisation,
): { kernel: Float32Array; bias: Float32Array } {
  const scale = Float64Array.from(gamma, (value, channel) => value / Math.sqrt(variance[channel] + EPSILON));
  return {
    kernel: kernel.map((value, index) => value * scale[index % scale.length]),
    bias: beta.map((value, channel) => value + ((bias?.[channel] ?? 0) - mean[channel]) * scale[channel]),
  };
}

function readNorm(layer: string, weights: LayerWeights, channels: number, misfit: (what: string) => InputError): Normalisation {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name, index) => {
    const weight = weights.get(name) ?? weights.get(String(index));
    if (!weight) throw misfit(`the layer ${layer} has no ${name}`);
    const { length } = weight.values;
    if (length !== channels) throw misfit(`${layer}/${name} holds ${length} floating-point numbers, expected ${channels}`);
    return weight.values;
  });
  return { gamma, beta, mean, variance };
}

/**
 * TF-slim's name of a layer, or of the convolution that a BatchNorm follows. `block_1_expand` is what Keras calls the layer
 * today; the weights that it serves for ImageNet were saved when it was `mobl1_conv_1_expand`.
 */
function slimName(layer: string): { readonly slim?: string; readonly isNorm?: boolean } {
  const outer = /^(bn_)?Conv1$|^Conv_1(_bn)?$/.exec(layer);
  if (outer) return { slim: layer.includes('Conv1') ? 'Conv' : 'Conv_1', isNorm: layer.includes('bn') };
  const block =
    /^(?:block_(\d+)|mobl\d+_conv_(\d+)|expanded_conv)_(expand|depthwise|project)(_BN)?$/.exec(layer) ??
    /^bn\d+_conv_(\d+)()_bn_(expand|depthwise|project)$/.exec(layer);
  if (!block) return {};
  const number = block[1] ?? block[2] ?? '0';
  return { slim: `expanded_conv${number === '0' ? '' : `_${number}`}_${block[3]}`, isNorm: /bn/i.test(layer) };
}

/** What identifies the file. Throws an InputError naming it where it cannot be read, or does not begin as HDF5 does. */
async function readHdf5Bytes(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((error) => {
    throw new InputError(`${file}: cannot be read (${messageOf(error)}). Expected a Keras weights file (.h5).`);
  });
  if (bytes.toString('latin1', 0, SIGNATURE.length) === SIGNATURE) return bytes;
  throw new InputError(`${file}: not an HDF5 file. Expected a Keras weights file (.h5).`);
}

/** Every layer that has weights, by its Keras name. */
async function readHdf5Layers(file: string): Promise<ReadonlyMap<string, LayerWeights>> {
  await readHdf5Bytes(file);
  const hdf5 = await import('h5wasm/node');
  (await hdf5.ready).activate_throwing_error_handler(); // without it the C library prints a page of its own on stderr
  const layers = new Map<string, LayerWeights>();
  const collect = (group: Group, above: readonly string[], layerAttribute?: unknown): void => {
    for (const key of group.keys()) {
      if (above.length === 0 && NOT_LAYERS.has(key)) continue;
      const child = group.get(key);
      if (child instanceof hdf5.Group) collect(child, [...above, key], child.attrs.name?.value);
      if (!(child instanceof hdf5.Dataset)) continue;
      const layer = typeof layerAttribute === 'string' ? layerAttribute : (above.at(-1) ?? '');
      const weights = layers.get(layer) ?? new Map();
      layers.set(layer, weights.set(key.replace(/:\d+$/, ''), readDataset(child)));
    }
  };
  try {
    const opened = new hdf5.File(path.resolve(file), 'r');
    try {
      collect(opened, []);
    } finally {
      opened.close();
    }
  } catch (error) {
    // The C library reports its whole stack of calls; the innermost says what was wrong.
    const reason = [...messageOf(error).matchAll(/line \d+ in \w+\(\): (.*)/g)].at(-1)?.[1] ?? messageOf(error).split('\n')[0];
    throw new InputError(
      `${file}: its HDF5 cannot be read (${reason}). Expected a whole file in float32 or float64: copy or download it again.`,
    );
  }
  return layers;
}

function readDataset({ value, shape, path: name }: Dataset): NamedWeight {
  if (value === null || shape === null) throw new Error(`${name} cannot be read`);
  if (typeof value === 'number') return { shape, values: Float32Array.of(value) };
  const isFloat = value instanceof Float32Array || value instanceof Float64Array;
  return { shape, values: isFloat ? Float32Array.from(value) : new Float32Array(0) };
}
