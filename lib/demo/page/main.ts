import * as tf from '@tensorflow/tfjs';
import { type Backend, openEngine } from './engine';
import { openPredictor } from './open-predictor';

const start = performance.now();
const opened = (async () => {
  const backend = await openEngine((location.hash.slice(1) || 'wasm') as Backend);
  const at = performance.now();
  const predictor = await openPredictor();
  return { predictor, backend, engineMs: at - start, modelMs: performance.now() - at };
})();
Object.assign(globalThis, {
  tryIt: async (base64: string) => {
    const { predictor, backend, engineMs, modelMs } = await opened;
    const t = performance.now();
    const answer = await predictor.predictImage(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    return { backend, engineMs, modelMs, ms: performance.now() - t, tensors: tf.memory().numTensors, answer };
  },
});
