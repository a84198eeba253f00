/**
 * The network of the course: MobileNetV2, global average pooling, and two heads on it. `age` is one linear unit, `gender` a
 * two-way softmax. The heads are layers shared by two models: `full` takes pixels, `heads` takes features made earlier, so
 * that a frozen base is run once and not once an epoch.
 */
import * as tf from '@tensorflow/tfjs';
import { writeWeights } from './layer-weights';
import { buildMobileNetV2, FEATURES } from './mobilenet';
import type { NamedWeights } from './weights';

export interface FaceModel {
  readonly sizePx: number;
  /** Pixels `[b, sizePx, sizePx, 3]` in [-1, 1] to features `[b, 1280]`. */
  readonly base: tf.LayersModel;
  /** Features to `[age [b, 1], gender [b, 2]]`. */
  readonly heads: tf.LayersModel;
  /** Pixels to `[age [b, 1], gender [b, 2]]`. */
  readonly full: tf.LayersModel;
}

export const HEAD_LAYERS: readonly string[] = ['age', 'gender'];

/**
 * Builds the network from the base's weights. The heads start at zero: two linear layers have no symmetry to break, and a
 * network that answers the mean age and "either" is a better start than a random one. The caller disposes `full`.
 */
export function buildFaceModel(sizePx: number, baseWeights: NamedWeights): FaceModel {
  const base = buildMobileNetV2(sizePx);
  const age = tf.layers.dense({ name: 'age', units: 1, kernelInitializer: 'zeros' });
  const gender = tf.layers.dense({ name: 'gender', units: 2, activation: 'softmax', kernelInitializer: 'zeros' });
  const attach = (features: tf.SymbolicTensor) => [age, gender].map((head) => head.apply(features) as tf.SymbolicTensor);
  const features = tf.input({ shape: [FEATURES], name: `features_${sizePx}` });
  const heads = tf.model({ inputs: features, outputs: attach(features), name: 'heads' });
  const full = tf.model({ inputs: base.inputs, outputs: attach(base.outputs[0]), name: 'faces' });
  writeWeights(full, baseWeights);
  return { sizePx, base, heads, full };
}
