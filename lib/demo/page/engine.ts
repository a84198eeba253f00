/** Opens what computes: WebGL where there is a graphics card behind it, else WebAssembly. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgl';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { bytesOf } from './payload';

export type Backend = 'webgl' | 'wasm';

export async function openEngine(wanted: Backend): Promise<Backend> {
  tf.enableProdMode();
  const { platform } = tf.env();
  const fetched = async () => new Response(bytesOf('wasm'));
  tf.env().setPlatform('page', Object.assign(Object.create(platform), { fetch: fetched }));
  setWasmPaths('./', true);
  await tf.setBackend(wanted);
  await tf.ready();
  return tf.getBackend() as Backend;
}
