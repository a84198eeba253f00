/**
 * Proves that weights are those of MobileNetV2 for ImageNet. Keras publishes no checksum of its file, and what matters is what
 * the network does: the features it gives for one fixed input are compared with known ones.
 */
import * as tf from '@tensorflow/tfjs';
import { openEngine } from '../../base/engine';
import { InputError } from '../../base/errors';
import { streamFor } from '../../base/random';
import { writeWeights } from '../../model/layer-weights';
import { buildMobileNetV2, mobileNetV2Shapes } from '../../model/mobilenet';
import { type NamedWeights, requireWeights } from '../../model/weights';
import { readKerasH5 } from './keras-h5';

/** Throws an InputError naming the Keras file where it holds no MobileNetV2, or one with other weights. */
export async function verifyWeights(file: string): Promise<void> {
  const weights = requireWeights(await readKerasH5(file), mobileNetV2Shapes(), file);
  await openEngine();
  requireImageNetFeatures(weights, file);
}

const SIZE_PX = 96;

/** Every how manieth of the 1,280 features is compared. */
const STEP = 40;

/** Features 0, 40, 80, … of the fixed input under ImageNet weights, rounded to 4 digits. */
const KNOWN_FEATURES: readonly number[] = [
  1.2693, 1.1337, 0, 0.7362, 1.5036, 0.9116, 1.3794, 1.014, 0.6667, 2.6949, 0.6667, 0.7798, 0.8216, 1.473, 0, 2.4555, 0.9833, 2.4944,
  0.9363, 2.5946, 1.0494, 0.2015, 2.2986, 2.9461, 0.4673, 0.9493, 0.9425, 0.8962, 0.6667, 0.92, 2.1935, 1.237,
];

/** Engines differ by 1e-4 at most, and so do the two releases of these weights; any other weights differ by far more. */
const TOLERANCE = 1e-3;

/**
 * Throws an InputError naming the file where the weights give other features than ImageNet's for seeded noise in [-1, 1],
 * 96 x 96 px. An engine must be open.
 */
export function requireImageNetFeatures(weights: NamedWeights, source: string): void {
  const random = streamFor(1, 'verification');
  const pixels = Float32Array.from({ length: SIZE_PX * SIZE_PX * 3 }, () => 2 * random() - 1);
  const base = buildMobileNetV2(SIZE_PX);
  writeWeights(base, weights);
  const features = tf.tidy(() => (base.predict(tf.tensor4d(pixels, [1, SIZE_PX, SIZE_PX, 3])) as tf.Tensor).dataSync());
  base.dispose();
  const wrong = KNOWN_FEATURES.findIndex((known, index) => !(Math.abs(features[index * STEP] - known) <= TOLERANCE));
  if (wrong < 0) return;
  const feature = `feature ${wrong * STEP} of the fixed input is ${features[wrong * STEP]}, expected ${KNOWN_FEATURES[wrong]}`;
  throw new InputError(`${source}: not the ImageNet weights of MobileNetV2 (${feature}). Fetch them again, or from elsewhere.`);
}
