/**
 * Pretrained weights out of Keras: reads a MobileNetV2's weights file, folds every BatchNorm into the convolution before
 * it and gives the layers TF-slim's names, which are the ones used here.
 */
import { InputError } from '../base/errors';
import { type LayerWeights, readHdf5Layers } from './hdf5-layers';
import { type NamedWeight, type NamedWeights, shapeText } from './weights';

/** Keras builds MobileNetV2 with this instead of its usual BatchNorm epsilon. */
const EPSILON = 1e-3;

/** The four weights of a BatchNorm, in the order in which Keras 3 numbers them. */
const NORM_WEIGHTS = ['gamma', 'beta', 'moving_mean', 'moving_variance'] as const;

interface Normalisation {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/**
 * The weights of the MobileNetV2 in a Keras `.h5` or `.weights.h5` file, folded: `Conv/kernel`, `Conv/bias`, … Other layers
 * in the file, such as a classifier, are left out. Throws an InputError naming the file and the layer where it is not an
 * HDF5 file, holds no MobileNetV2, or a convolution lacks its BatchNorm; that none is missing is for `requireWeights`.
 */
export async function readKerasH5(file: string): Promise<NamedWeights> {
  const layers = await readHdf5Layers(file);
  const norms = new Map<string, readonly [string, LayerWeights]>();
  for (const [layer, weights] of layers) {
    const slim = slimNorm(layer);
    if (slim) norms.set(slim, [layer, weights]);
  }
  const result: Record<string, NamedWeight> = {};
  for (const [layer, weights] of layers) {
    const slim = slimConvolution(layer);
    if (!slim) continue;
    const kernelName = slim.endsWith('depthwise') ? 'depthwise_kernel' : 'kernel';
    const kernel = weights.get(kernelName) ?? weights.get('kernel') ?? weights.get('0');
    if (!kernel) throw new InputError(`${file}: the layer ${layer} has no ${kernelName}. ${EXPECTATION}`);
    const bias = weights.get('bias') ?? weights.get('1');
    const channels = kernelName === 'depthwise_kernel' ? kernel.shape[2] : kernel.shape[3];
    const norm = readNorm(file, layer, channels, norms.get(slim));
    const folded = foldBatchNorm(kernel.values, bias?.values, norm);
    result[`${slim}/${kernelName}`] = { shape: kernel.shape, values: folded.kernel };
    result[`${slim}/bias`] = { shape: [channels], values: folded.bias };
  }
  if (Object.keys(result).length === 0) throw new InputError(`${file}: no layer of a MobileNetV2 in it (such as Conv1). ${EXPECTATION}`);
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

function readNorm(file: string, convolution: string, channels: number, norm: readonly [string, LayerWeights] | undefined): Normalisation {
  if (!norm) throw new InputError(`${file}: the layer ${convolution} has no BatchNorm after it. ${EXPECTATION}`);
  const [layer, weights] = norm;
  const [gamma, beta, mean, variance] = NORM_WEIGHTS.map((name, index) => {
    const weight = weights.get(name) ?? weights.get(String(index));
    if (!weight) throw new InputError(`${file}: the layer ${layer} has no ${name}. ${EXPECTATION}`);
    if (weight.values.length !== channels) {
      throw new InputError(`${file}: ${layer}/${name} has the shape ${shapeText(weight.shape)}, expected ${channels}. ${EXPECTATION}`);
    }
    return weight.values;
  });
  return { gamma, beta, mean, variance };
}

/**
 * `block_1_expand` is what Keras calls the layer today; the weights that it serves for ImageNet were saved when it was
 * `mobl1_conv_1_expand`.
 */
function slimConvolution(layer: string): string | undefined {
  if (layer === 'Conv1') return 'Conv';
  if (layer === 'Conv_1') return 'Conv_1';
  const block = /^(?:block_(\d+)|mobl\d+_conv_(\d+)|expanded_conv)_(expand|depthwise|project)$/.exec(layer);
  return block ? slimBlock(block[1] ?? block[2], block[3]) : undefined;
}

function slimNorm(layer: string): string | undefined {
  if (layer === 'bn_Conv1') return 'Conv';
  if (layer === 'Conv_1_bn') return 'Conv_1';
  const block =
    /^(?:block_(\d+)|expanded_conv)_(expand|depthwise|project)_BN$/.exec(layer) ??
    /^bn\d+_conv_(\d+)_bn_(expand|depthwise|project)$/.exec(layer);
  return block ? slimBlock(block[1], block[2]) : undefined;
}

function slimBlock(block: string | undefined, part: string): string {
  return block === undefined || block === '0' ? `expanded_conv_${part}` : `expanded_conv_${block}_${part}`;
}

const EXPECTATION = 'Expected the weights of keras.applications.MobileNetV2.';
