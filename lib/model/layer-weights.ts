/** What the layers of a tfjs model hold: weights under stable names, read and set; and the network in numbers. */
import * as tf from '@tensorflow/tfjs';
import { weightsOf } from '../graph/network';
import { type NamedWeight, type NamedWeights, shapeSize } from './weights';

/** Every weight of the model, by name, copied out of the engine. */
export function readWeights(model: tf.LayersModel): NamedWeights {
  const weights: Record<string, NamedWeight> = {};
  for (const layer of model.layers) {
    for (const [index, { name, shape }] of weightsOf(layer).entries()) {
      weights[name] = { shape, values: Float32Array.from(layer.weights[index].read().dataSync()) };
    }
  }
  return weights;
}

/** Sets every weight of the model that `weights` names; shapes must agree. Weights it does not name stay. */
export function writeWeights(model: tf.LayersModel, weights: NamedWeights): void {
  for (const layer of model.layers) {
    for (const [index, { name }] of weightsOf(layer).entries()) {
      if (!(name in weights)) continue;
      const fresh = tf.tensor(weights[name].values, [...weights[name].shape]);
      layer.weights[index].write(fresh);
      fresh.dispose();
    }
  }
}

/** What a layer puts out, how many parameters it has, how much arithmetic it costs. */
export interface LayerDescription {
  readonly layer: string;
  readonly kind: string;
  /** Without the batch: `[height, width, channels]` or `[length]`. */
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** Multiplications with an addition, for one image; biases and activations left out, as in the MobileNet papers. */
  readonly multiplyAdds: number;
}

export function describeLayers(model: tf.LayersModel): LayerDescription[] {
  return model.layers.map((layer) => {
    const outputShape = (layer.outputShape as number[]).slice(1);
    const weights = weightsOf(layer);
    const kernel = weights.find(({ name }) => name.endsWith('kernel'));
    return {
      layer: layer.name,
      kind: layer.getClassName(),
      outputShape,
      parameters: weights.reduce((sum, { shape }) => sum + shapeSize(shape), 0),
      // a kernel is applied once at every place of its output map
      multiplyAdds: kernel ? shapeSize(kernel.shape) * shapeSize(outputShape.slice(0, -1)) : 0,
    };
  });
}
