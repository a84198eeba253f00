/**
 * The network of the course: MobileNetV2, global average pooling, and two heads on it. `age` is one linear unit, `gender` a
 * two-way softmax. The heads are layers shared by two models: `full` takes pixels, `heads` takes features made earlier, so
 * that a frozen base is run once and not once an epoch.
 */
import * as tf from '@tensorflow/tfjs';
import { streamFor } from '../random';
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

/** Builds the network from the base's weights; the heads start from Glorot's uniform draw, seeded. The caller disposes `full`. */
export function buildFaceModel(sizePx: number, baseWeights: NamedWeights, seed: number): FaceModel {
  const base = buildMobileNetV2(sizePx);
  const age = tf.layers.dense({ name: 'age', units: 1, kernelInitializer: 'zeros' });
  const gender = tf.layers.dense({ name: 'gender', units: 2, activation: 'softmax', kernelInitializer: 'zeros' });
  const attach = (features: tf.SymbolicTensor) => [age, gender].map((head) => head.apply(features) as tf.SymbolicTensor);
  const features = tf.input({ shape: [FEATURES], name: `features_${sizePx}` });
  const heads = tf.model({ inputs: features, outputs: attach(features), name: 'heads' });
  const full = tf.model({ inputs: base.inputs, outputs: attach(base.outputs[0]), name: 'faces' });
  writeWeights(full, { ...baseWeights, ...initialHeads(seed) });
  return { sizePx, base, heads, full };
}

/** Glorot and Bengio 2010, equation 16: uniform in ±sqrt(6 / (inputs + outputs)); biases start at 0. */
export function initialHeads(seed: number): NamedWeights {
  const random = streamFor(seed, 'heads');
  const draw = (units: number) => {
    const limit = Math.sqrt(6 / (FEATURES + units));
    return { shape: [FEATURES, units], values: Float32Array.from({ length: FEATURES * units }, () => (2 * random() - 1) * limit) };
  };
  return {
    'age/kernel': draw(1),
    'age/bias': { shape: [1], values: new Float32Array(1) },
    'gender/kernel': draw(2),
    'gender/bias': { shape: [2], values: new Float32Array(2) },
  };
}
