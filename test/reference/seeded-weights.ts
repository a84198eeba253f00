/**
 * Weights and inputs that come from a seed alone, so that Keras and this project can be given the same ones without a file:
 * make_reference.py draws them with the same generator. All draws are uniform, which makes them equal to the last bit.
 */
import { foldBatchNorm } from '../../lib/model/keras-h5';
import { mobileNetV2Shapes } from '../../lib/model/mobilenet-shapes';
import { type NamedWeights, shapeSize } from '../../lib/model/weights';
import { streamFor } from '../../lib/random';

const SEED = 7;

/** Numbers in [low, high), from a stream of their own for each name. */
export function seeded(name: string, count: number, low: number, high: number): Float32Array {
  const random = streamFor(SEED, name);
  return Float32Array.from({ length: count }, () => low + (high - low) * random());
}

/** Images of noise, `[count, sizePx, sizePx, 3]`, as they are decoded. */
export function seededImages(count: number, sizePx: number): Uint8Array {
  return Uint8Array.from(seeded(`images ${sizePx}`, count * sizePx * sizePx * 3, 0, 256), Math.floor);
}

/** The same in [-1, 1], as the network takes them. */
export function seededPixels(count: number, sizePx: number): Float32Array {
  return Float32Array.from(seededImages(count, sizePx), (value) => value / 127.5 - 1);
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
  return mapWeights(mobileNetV2Shapes(), (name, shape) => {
    if (name.endsWith('bias')) return seeded(name, shape[0], -0.1, 0.1);
    return seededKernel(name, shape);
  });
}

/** The base as it comes out of folding seeded BatchNorms, which make_reference.py leaves in place. */
export function seededNormedBase(): NamedWeights {
  const shapes = mobileNetV2Shapes();
  const result: Record<string, NamedWeights[string]> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    if (name.endsWith('bias')) continue;
    const layer = name.slice(0, name.lastIndexOf('/'));
    const channels = shapes[`${layer}/bias`][0];
    const folded = foldBatchNorm(seededKernel(name, shape), undefined, {
      gamma: seeded(`${layer}/gamma`, channels, 0.5, 1.5),
      beta: seeded(`${layer}/beta`, channels, -0.5, 0.5),
      mean: seeded(`${layer}/moving_mean`, channels, -0.5, 0.5),
      variance: seeded(`${layer}/moving_variance`, channels, 0.5, 1.5),
    });
    result[name] = { shape, values: folded.kernel };
    result[`${layer}/bias`] = { shape: [channels], values: folded.bias };
  }
  return result;
}

/** The heads: `age/kernel` [1280, 1], `age/bias`, `gender/kernel` [1280, 2], `gender/bias`. */
export function seededHeads(): NamedWeights {
  const shapes = { 'age/kernel': [1280, 1], 'age/bias': [1], 'gender/kernel': [1280, 2], 'gender/bias': [2] };
  return mapWeights(shapes, (name, shape) => seeded(name, shapeSize(shape), -0.05, 0.05));
}

function seededKernel(name: string, shape: readonly number[]): Float32Array {
  const inputs = name.endsWith('depthwise_kernel') ? 9 : shape[0] * shape[1] * shape[2];
  // Projections at half that scale keep rounding from being blown up through 17 blocks without BatchNorm.
  const limit = Math.sqrt((name.endsWith('project/kernel') ? 1.5 : 6) / inputs);
  return seeded(name, shapeSize(shape), -limit, limit);
}

function mapWeights(
  shapes: Readonly<Record<string, readonly number[]>>,
  draw: (name: string, shape: readonly number[]) => Float32Array,
): NamedWeights {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, values: draw(name, shape) }]));
}
