/** An ONNX model with one input at work. */
import type { OnnxRuntime } from '../base/engine';

export interface OnnxSession {
  /** One flat array for each output, in the model's order. */
  run(values: Uint8Array | Float32Array, shape: readonly number[]): Promise<Float32Array[]>;
  dispose(): void;
}

/** The caller disposes it. Between runs its threads rest: else they wait at full speed, and take the cores from what prepares the next one. */
export async function openOnnxSession({ InferenceSession, Tensor }: OnnxRuntime, model: Uint8Array): Promise<OnnxSession> {
  const session = await InferenceSession.create(model, { extra: { session: { force_spinning_stop: '1' } } });
  const [input] = session.inputNames;
  return {
    run: async (values, shape) => {
      const type = values instanceof Uint8Array ? 'uint8' : 'float32'; // said, because a Buffer is taken for neither
      const outputs = await session.run({ [input]: new Tensor(type, values, shape) });
      return session.outputNames.map((name) => outputs[name].data as Float32Array);
    },
    dispose: () => void session.release(),
  };
}
