/** A layer's weights under stable names: "Conv/kernel", "age/bias". tfjs's own names gain suffixes when a model is built twice. */
import * as tf from '@tensorflow/tfjs';
import type { NamedWeights } from './weights';

export interface LayerWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** In tfjs's order: kernel, then bias. */
export function weightsOf(layer: tf.layers.Layer): LayerWeight[] {
  return layer.weights.map((weight) => ({
    name: `${layer.name}/${weight.originalName.split('/').pop()}`,
    shape: weight.shape.map((size) => size ?? -1),
  }));
}

/** Every weight of the model, by name, copied out of the engine. */
export function readWeights(model: tf.LayersModel): NamedWeights {
  const entries = model.layers.flatMap((layer) => {
    const values = layer.getWeights();
    return weightsOf(layer).map(
      ({ name, shape }, index) => [name, { shape, values: Float32Array.from(values[index].dataSync()) }] as const,
    );
  });
  return Object.fromEntries(entries);
}

/** Sets every weight of the model that `weights` names; shapes must agree. Weights it does not name stay. */
export function writeWeights(model: tf.LayersModel, weights: NamedWeights): void {
  for (const layer of model.layers) {
    const current = layer.getWeights();
    const names = weightsOf(layer);
    if (!names.some(({ name }) => name in weights)) continue;
    const fresh = names.map(({ name }, index) =>
      name in weights ? tf.tensor(weights[name].values, [...weights[name].shape]) : current[index],
    );
    layer.setWeights(fresh);
    for (const [index, { name }] of names.entries()) if (name in weights) fresh[index].dispose();
  }
}
