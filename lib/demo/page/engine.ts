/** Opens what computes: the graphics card through WebGL where there is one, else the processor through WebAssembly. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { InputError } from '../../base/errors';
import { bytesOf } from './payload';

export type Backend = 'webgl' | 'wasm';

/** Drivers that only pretend to be a graphics card: on them a photo takes ten times as long as through WebAssembly. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|microsoft basic render/i;

/**
 * Opens the faster of both, or the one that is `wanted`: `#webgl` or `#wasm` behind the page's address. Throws an InputError
 * where the browser has neither.
 */
export async function openEngine(wanted = location.hash.slice(1)): Promise<Backend> {
  tf.enableProdMode();
  const backend = wanted === 'webgl' || (wanted !== 'wasm' && hasGraphicsCard()) ? 'webgl' : 'wasm';
  if (backend === 'wasm') await prepareWasm();
  if (await tf.setBackend(backend)) {
    document.documentElement.dataset.engine = backend; // for whoever compares both
    return backend;
  }
  if (backend === 'webgl') return openEngine('wasm');
  throw new InputError(
    'This browser does not start WebAssembly: a setting or an extension may forbid it. Allow it, or open the page elsewhere.',
  );
}

/** Whether what draws is a chip, and computes in whole floats: some in phones have half ones only, and answer otherwise. */
function hasGraphicsCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return false;
  const { RENDERER } = gl;
  const facts = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(facts?.UNMASKED_RENDERER_WEBGL ?? RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // a page may have a few only
  return !SOFTWARE.test(renderer) && tf.env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE');
}

/** Of tfjs's three WebAssembly programs one is in the page, and tfjs asks for it as if it were a file: nothing leaves the page. */
async function prepareWasm(): Promise<void> {
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) {
    throw new InputError('This browser has no WebAssembly SIMD. Expected Chrome or Edge 91, Firefox 89, Safari 16.4 or newer: update it.');
  }
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const fetch = async () => new Response(bytesOf('wasm'));
  tf.env().setPlatform('page', Object.assign(Object.create(tf.env().platform), { fetch }));
  setWasmPaths('./', true);
}
