/** A network in numbers: what each layer puts out, how many parameters it has, how much arithmetic it costs. */
import type * as tf from '@tensorflow/tfjs';
import { weightsOf } from './layer-weights';
import { shapeSize } from './weights';

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
      multiplyAdds: kernel ? shapeSize(kernel.shape) * positions(outputShape) : 0,
    };
  });
}

/** A kernel is applied once at every place of its output map. */
function positions(outputShape: readonly number[]): number {
  return outputShape.length === 3 ? outputShape[0] * outputShape[1] : 1;
}
