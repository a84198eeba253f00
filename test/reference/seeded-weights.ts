/**
 * Weights and inputs that come from a seed alone, so that Keras and this project can be given the same ones without a file:
 * make_reference.py draws them with the same generator. All draws are uniform, which makes them equal to the last bit.
 */

import { mobileNetV2Shapes } from '../../lib/model/mobilenet';
import type { NamedWeights } from '../../lib/model/weights';
import { foldBatchNorm } from '../../lib/tools/download/keras-h5';
import { seeded, seededImages, seededKernel } from '../bench/seeded';

export { seeded, seededBase, seededFeatures, seededHeads, seededImages, seededLabels } from '../bench/seeded';

/** Seeded images in [-1, 1], as the network takes them. */
export function seededPixels(count: number, sizePx: number): Float32Array {
  return Float32Array.from(seededImages(count, sizePx), (value) => value / 127.5 - 1);
}

/** The BatchNorm after a layer, as make_reference.py draws it. */
export function seededNorm(layer: string, channels: number) {
  return {
    gamma: seeded(`${layer}/gamma`, channels, 0.5, 1.5),
    beta: seeded(`${layer}/beta`, channels, -0.5, 0.5),
    mean: seeded(`${layer}/moving_mean`, channels, -0.5, 0.5),
    variance: seeded(`${layer}/moving_variance`, channels, 0.5, 1.5),
  };
}

/** The base as it comes out of folding seeded BatchNorms, which make_reference.py leaves in place. */
export function seededNormedBase(): NamedWeights {
  const shapes = mobileNetV2Shapes();
  const result: Record<string, NamedWeights[string]> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    if (name.endsWith('bias')) continue;
    const layer = name.slice(0, name.lastIndexOf('/'));
    const channels = shapes[`${layer}/bias`][0];
    const folded = foldBatchNorm(seededKernel(name, shape), undefined, seededNorm(layer, channels));
    result[name] = { shape, values: folded.kernel };
    result[`${layer}/bias`] = { shape: [channels], values: folded.bias };
  }
  return result;
}
