/**
 * MobileNetV2 1.0 (Sandler et al. 2018, arXiv 1801.04381, table 2) as a stock tfjs LayersModel, with every BatchNorm
 * folded into the convolution before it. Folding is exact at prediction time, halves the layers, and avoids a trap: tfjs
 * goes on updating a "frozen" BatchNorm inside `fit`.
 */
import * as tf from '@tensorflow/tfjs';
import type { WeightShapes } from './weights';

/** Length of the feature vector that global average pooling leaves of an image. */
export const FEATURES = 1280;

/** One row for each stage of table 2: expansion, output channels, blocks, stride of the first block. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Inverted residual blocks, `expanded_conv` to `expanded_conv_16`. */
export const BLOCKS = 17;

interface Convolution {
  /** TF-slim's name, by which pretrained weights find their place. */
  readonly name: string;
  /** Height, width, channels in, channels out; of a depthwise one, which filters each channel alone, channels and 1. */
  readonly kernel: readonly [number, number, number, number];
  readonly stride: number;
  /** Whether what went into the block is added to what comes out. */
  readonly residual: boolean;
}

/**
 * The network from end to end. A block expands to many thin channels, filters each on its own, and projects back; where it
 * keeps the shape, its input is added. A ReLU6 follows all but the projections.
 */
function convolutions(): readonly Convolution[] {
  const all: Convolution[] = [];
  const add = (name: string, kernel: Convolution['kernel'], stride = 1, residual = false) => all.push({ name, kernel, stride, residual });
  add('Conv', [3, 3, 3, 32], 2);
  let channels = 32;
  let block = 0;
  for (const [expansion, outputs, repeats, firstStride] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++, block++) {
      const name = block === 0 ? 'expanded_conv' : `expanded_conv_${block}`;
      const wide = expansion * channels;
      const stride = repeat === 0 ? firstStride : 1;
      if (expansion > 1) add(`${name}_expand`, [1, 1, channels, wide]);
      add(`${name}_depthwise`, [3, 3, wide, 1], stride);
      add(`${name}_project`, [1, 1, wide, outputs], 1, stride === 1 && channels === outputs);
      channels = outputs;
    }
  }
  add('Conv_1', [1, 1, channels, FEATURES]);
  return all;
}

/** Every weight's shape by name: `Conv/kernel` 3x3x3x32, `Conv/bias` 32, … `Conv_1/bias` 1280. No engine is needed to tell. */
export function mobileNetV2Shapes(): WeightShapes {
  const shapes: Record<string, readonly number[]> = {};
  for (const { name, kernel } of convolutions()) {
    const depthwise = name.endsWith('_depthwise');
    shapes[`${name}/${depthwise ? 'depthwise_kernel' : 'kernel'}`] = kernel;
    shapes[`${name}/bias`] = [kernel[depthwise ? 2 : 3]];
  }
  return shapes;
}

/**
 * The base without weights: pixels `[batch, sizePx, sizePx, 3]` in [-1, 1] to features `[batch, 1280]`.
 * `sizePx` is a multiple of 16.
 */
export function buildMobileNetV2(sizePx: number): tf.LayersModel {
  const input = tf.input({ shape: [sizePx, sizePx, 3], name: `pixels_${sizePx}` });
  let x = input;
  let before = x;
  const apply = (layer: tf.layers.Layer, to: tf.SymbolicTensor | tf.SymbolicTensor[] = x) => {
    x = layer.apply(to) as tf.SymbolicTensor;
  };
  for (const { name, kernel, stride, residual } of convolutions()) {
    const options = { name, kernelSize: kernel[0], strides: stride, padding: 'same' } as const;
    apply(
      name.endsWith('_depthwise')
        ? tf.layers.depthwiseConv2d({ ...options, depthwiseInitializer: 'zeros' })
        : tf.layers.conv2d({ ...options, filters: kernel[3], kernelInitializer: 'zeros' }),
    );
    const endsBlock = name.endsWith('_project');
    if (!endsBlock) apply(tf.layers.reLU({ name: `${name}_relu6`, maxValue: 6 }));
    if (residual) apply(tf.layers.add({ name: name.replace('project', 'add') }), [before, x]);
    if (name === 'Conv' || endsBlock) before = x;
  }
  apply(tf.layers.globalAveragePooling2d({ name: 'global_average_pooling' }));
  return tf.model({ inputs: input, outputs: x, name: 'mobilenet_v2' });
}
