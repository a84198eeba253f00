/** The forward pass of a LayersModel alone: by ONNX Runtime, or where that has no build for the machine, by tfjs's layers. */
import * as tf from '@tensorflow/tfjs';
import { openRuntime } from '../base/engine';
import { openOnnxSession } from '../graph/onnx-session';
import { preprocess } from '../images/preprocess';
import { onnxOf } from './onnx';
import { shapeSize } from './weights';

export interface Forward {
  /** One flat array for each output of the model, in its order. uint8 inputs are pixels in [0, 255]. */
  run(inputs: Uint8Array | Float32Array): Promise<Float32Array[]>;
  dispose(): void;
}

/** Both ways need the model for as long as they run; the caller disposes the result, then the model. */
export async function openForward(model: tf.LayersModel): Promise<Forward> {
  const runtime = await openRuntime();
  const shape = model.inputs[0].shape.slice(1) as number[];
  const dimsOf = (values: Uint8Array | Float32Array) => [values.length / shapeSize(shape), ...shape];
  if (!runtime) {
    return {
      run: async (values) =>
        tf.tidy(() => {
          const outputs = model.apply(tf.tensor(values instanceof Uint8Array ? preprocess(values) : values, dimsOf(values)));
          return [outputs].flat().map((output) => Float32Array.from((output as tf.Tensor).dataSync()));
        }),
      dispose: () => undefined,
    };
  }
  const session = await openOnnxSession(runtime, onnxOf(model));
  return { run: (values) => session.run(values, dimsOf(values)), dispose: () => session.dispose() };
}
