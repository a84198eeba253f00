/**
 * Weights, images and labels from a seed alone: every subject of the benchmark is given the same numbers, no file has to be
 * fetched, and the sides can be held against each other before anything is timed.
 */

import { streamFor } from '../../lib/base/random';
import { mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { type NamedWeights, shapeSize } from '../../lib/model/weights';

const SEED = 7;

/** `count` numbers in [low, high), from a stream of their own for each name. */
export function seeded(name: string, count: number, low: number, high: number): Float32Array {
  const random = streamFor(SEED, name);
  return Float32Array.from({ length: count }, () => low + (high - low) * random());
}

/** Images of noise, `[count, sizePx, sizePx, 3]`, as they are decoded. */
export function seededImages(count: number, sizePx: number): Uint8Array {
  const random = streamFor(SEED, `images ${sizePx}`);
  const pixels = new Uint8Array(count * sizePx * sizePx * 3);
  for (let index = 0; index < pixels.length; index++) pixels[index] = Math.floor(Math.fround(256 * random()));
  return pixels;
}

/** Features `[count, 1280]` in the range of a real network's. */
export function seededFeatures(count: number): Float32Array {
  return seeded('features', count * 1280, 0, 2);
}

/** Ages in standard deviations, and genders. */
export function seededLabels(count: number): { ages: Float32Array; genders: Int32Array } {
  return { ages: seeded('ages', count, -2, 2), genders: Int32Array.from(seeded('genders', count, 0, 2), Math.floor) };
}

/** The base, BatchNorm folded: kernels as He et al. 2015 scale them, small biases. */
export function seededBase(): NamedWeights {
  return drawWeights(mobileNetV2Shapes(), (name, shape) => {
    if (name.endsWith('bias')) return seeded(name, shape[0], -0.1, 0.1);
    return seededKernel(name, shape);
  });
}

/** The heads: `age/kernel` [1280, 1], `age/bias`, `gender/kernel` [1280, 2], `gender/bias`. */
export function seededHeads(): NamedWeights {
  const shapes = { 'age/kernel': [1280, 1], 'age/bias': [1], 'gender/kernel': [1280, 2], 'gender/bias': [2] };
  return drawWeights(shapes, (name, shape) => seeded(name, shapeSize(shape), -0.05, 0.05));
}

export function seededKernel(name: string, shape: readonly number[]): Float32Array {
  const inputs = name.endsWith('depthwise_kernel') ? 9 : shape[0] * shape[1] * shape[2];
  // Projections at half that scale keep rounding from being blown up through 17 blocks without BatchNorm.
  const limit = Math.sqrt((name.endsWith('project/kernel') ? 1.5 : 6) / inputs);
  return seeded(name, shapeSize(shape), -limit, limit);
}

function drawWeights(
  shapes: Readonly<Record<string, readonly number[]>>,
  draw: (name: string, shape: readonly number[]) => Float32Array,
): NamedWeights {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, values: draw(name, shape) }]));
}
