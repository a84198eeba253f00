/**
 * The network of the course: MobileNetV2, global average pooling, and two heads on it. `age` is one linear unit, `gender` a
 * two-way softmax. The heads are layers shared by two models: `full` takes pixels, `heads` takes features made earlier, so
 * that a frozen base is run once and not once an epoch.
 *
 * The linear unit of `age` may sit on the features themselves, or on a softmax over one-year bins: its fixed weights are
 * then the years, so that it answers the distribution's expected value.
 */
import * as tf from '@tensorflow/tfjs';
import type { AgeHead } from '../config';
import { AGE_BINS } from './interval';
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

export const AGE_DISTRIBUTION = 'age_distribution';

export const HEAD_LAYERS: readonly string[] = ['age', AGE_DISTRIBUTION, 'gender'];

/**
 * Builds the network from the base's weights. The heads start at zero: linear layers have no symmetry to break, and a
 * network that answers the mean age and "either" is a better start than a random one. The caller disposes `full`.
 */
export function buildFaceModel(sizePx: number, baseWeights: NamedWeights, ageHead: AgeHead = 'unit'): FaceModel {
  const base = buildMobileNetV2(sizePx);
  const isUnit = ageHead === 'unit';
  const age = dense({ name: 'age', units: 1, ...(isUnit ? { kernelInitializer: 'zeros' } : { useBias: false, trainable: false }) });
  const bins = dense({ name: AGE_DISTRIBUTION, units: AGE_BINS, activation: 'softmax', kernelInitializer: 'zeros' });
  const gender = dense({ name: 'gender', units: 2, activation: 'softmax', kernelInitializer: 'zeros' });
  const attach = (x: tf.SymbolicTensor) => [age(isUnit ? x : bins(x)), gender(x)];
  const features = tf.input({ shape: [FEATURES], name: `features_${sizePx}` });
  const heads = tf.model({ inputs: features, outputs: attach(features), name: 'heads' });
  const full = tf.model({ inputs: base.inputs, outputs: attach(base.outputs[0]), name: 'faces' });
  const years = { shape: [AGE_BINS, 1], values: Float32Array.from({ length: AGE_BINS }, (_, year) => year) };
  writeWeights(full, isUnit ? baseWeights : { ...baseWeights, 'age/kernel': years });
  return { sizePx, base, heads, full };
}

/** A layer as a function: applied to several tensors, it has the same weights for each. */
function dense(options: Parameters<typeof tf.layers.dense>[0]) {
  const layer = tf.layers.dense(options);
  return (x: tf.SymbolicTensor) => layer.apply(x) as tf.SymbolicTensor;
}
