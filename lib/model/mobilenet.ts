/**
 * MobileNetV2 1.0 (Sandler et al. 2018, arXiv 1801.04381, table 2) as a stock tfjs LayersModel, with every BatchNorm
 * folded into the convolution before it. Folding is exact at prediction time, halves the layers, and avoids a trap: tfjs
 * goes on updating a "frozen" BatchNorm inside `fit`.
 */
import * as tf from '@tensorflow/tfjs';
import { STAGES } from './mobilenet-shapes';

/** Length of the feature vector that global average pooling leaves of an image. */
export const FEATURES = 1280;

/** Inverted residual blocks, `expanded_conv` to `expanded_conv_16`. */
export const BLOCKS = 17;

/**
 * The base without weights: pixels `[batch, sizePx, sizePx, 3]` in [-1, 1] to features `[batch, 1280]`.
 * `sizePx` is a multiple of 16. Layers carry TF-slim's names, so that pretrained weights find their place.
 */
export function buildMobileNetV2(sizePx: number): tf.LayersModel {
  const input = tf.input({ shape: [sizePx, sizePx, 3], name: `pixels_${sizePx}` });
  let x = relu6('Conv', conv('Conv', 32, 3, 2, input));
  let channels = 32;
  let block = 0;
  for (const [expansion, outputs, repeats, stride] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const name = block === 0 ? 'expanded_conv' : `expanded_conv_${block}`;
      const step = repeat === 0 ? stride : 1;
      const narrow = invertedResidual(name, x, expansion * channels, outputs, step);
      const keepsShape = step === 1 && channels === outputs;
      x = keepsShape ? (tf.layers.add({ name: `${name}_add` }).apply([x, narrow]) as tf.SymbolicTensor) : narrow;
      channels = outputs;
      block++;
    }
  }
  x = relu6('Conv_1', conv('Conv_1', FEATURES, 1, 1, x));
  const features = tf.layers.globalAveragePooling2d({ name: 'global_average_pooling' }).apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: features, name: 'mobilenet_v2' });
}

/** Expand to many thin channels, filter each on its own, project back: no ReLU after the projection. */
function invertedResidual(name: string, x: tf.SymbolicTensor, expanded: number, outputs: number, stride: number): tf.SymbolicTensor {
  const wide = expanded === x.shape[3] ? x : relu6(`${name}_expand`, conv(`${name}_expand`, expanded, 1, 1, x));
  const filtered = relu6(`${name}_depthwise`, depthwise(`${name}_depthwise`, stride, wide));
  return conv(`${name}_project`, outputs, 1, 1, filtered);
}

function conv(name: string, filters: number, kernelSize: number, strides: number, x: tf.SymbolicTensor): tf.SymbolicTensor {
  const layer = tf.layers.conv2d({ name, filters, kernelSize, strides, padding: 'same', kernelInitializer: 'zeros' });
  return layer.apply(x) as tf.SymbolicTensor;
}

function depthwise(name: string, strides: number, x: tf.SymbolicTensor): tf.SymbolicTensor {
  const layer = tf.layers.depthwiseConv2d({ name, kernelSize: 3, strides, padding: 'same', depthwiseInitializer: 'zeros' });
  return layer.apply(x) as tf.SymbolicTensor;
}

function relu6(name: string, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return tf.layers.reLU({ name: `${name}_relu6`, maxValue: 6 }).apply(x) as tf.SymbolicTensor;
}
