/**
 * The engine under all tensors: TensorFlow's native library where it is built, else WebAssembly, which is slower and cannot
 * train. Nothing else in the project imports @tensorflow/tfjs-node.
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { attempt, InputError, messageOf } from './errors';
import { obstacleFile, projectPath } from './project';

export interface Engine {
  readonly kind: 'native' | 'wasm';
  /** "TensorFlow 2.20.0, native, 2 cores". */
  readonly description: string;
  /** What a fallback costs, as a sentence; absent for the native engine. */
  readonly costs?: string;
}

type NativeTensorFlow = typeof import('@tensorflow/tfjs-node');
export type OnnxRuntime = typeof import('onnxruntime-node');
let opening: Promise<Engine> | undefined;
let native: NativeTensorFlow | undefined;

/**
 * Opens the engine, once; every later call answers the same. COURSE_ENGINE=wasm asks for the fallback. `training` shares
 * batches among the cores, not operations: for processes whose work that is. The call that opens the engine decides.
 */
export function openEngine({ training = false }: { readonly training?: boolean } = {}): Promise<Engine> {
  if (!opening && training) shareBatches();
  opening ??= open();
  return opening;
}

/** With more cores than this, the parts of a usual batch would become too small. */
const MOST_PARTS = 4;
let parts = 1;

/**
 * TensorFlow cuts every operation in pieces, one for each core, and waits for the last of them, hundreds of times a step.
 * A core that takes its own part of the batch through the whole network need not wait for others: operations then get one
 * thread each, and several run at a time. Settings that are there already are left alone.
 */
function shareBatches(): void {
  const cores = availableParallelism();
  if (cores > MOST_PARTS || process.env.TF_NUM_INTRAOP_THREADS !== undefined) return;
  parts = cores;
  process.env.TF_NUM_INTRAOP_THREADS = '1';
  process.env.TF_NUM_INTEROP_THREADS = String(cores);
}

/** In how many parts a graph had best compute a batch, so that all cores have work. */
export function batchParts(): number {
  return parts;
}

/** tfjs-node's own functions, for SavedModels. Throws an InputError where the engine is not native. */
export function nativeTensorFlow(): NativeTensorFlow {
  if (!native) throw new InputError('This needs the native TensorFlow engine. Run: npm run doctor');
  return native;
}

/** What runs networks that learn no more; undefined where it has no build for this machine, or COURSE_ENGINE=wasm asks for the fallback. */
export function onnxRuntime(): OnnxRuntime | undefined {
  return process.env.COURSE_ENGINE === 'wasm' ? undefined : attempt(() => require('onnxruntime-node') as OnnxRuntime);
}

/** The same, once the engine is open where there is none: with it, nothing that predicts needs the engine. */
export async function openRuntime(): Promise<OnnxRuntime | undefined> {
  const runtime = onnxRuntime();
  if (!runtime) await openEngine();
  else tf.enableProdMode(); // else tfjs's own arithmetic, which then only holds weights, praises the engine at length
  return runtime;
}

async function open(): Promise<Engine> {
  if (process.env.COURSE_ENGINE === 'wasm') return openWasm('COURSE_ENGINE=wasm asks for it');
  try {
    return openNative();
  } catch (error) {
    const [reason] = messageOf(error).split('\n');
    const isMissing = reason.includes('can not be found');
    return openWasm(
      nativeObstacle() ?? (isMissing ? 'npm run setup has not made it yet' : `the native one does not load: ${reason.trim()}`),
    );
  }
}

/** What the last attempt at setting the native engine up failed with, one line; undefined where none did. */
export function nativeObstacle(): string | undefined {
  return existsSync(obstacleFile()) ? readFileSync(obstacleFile(), 'utf8').trim() : undefined;
}

function openNative(): Engine {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // TensorFlow's notes on CPU features are no news to a reader
  // tfjs-node still calls these; Node 23 removed them.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined, isArray: Array.isArray });
  native = require('@tensorflow/tfjs-node');
  const cores = availableParallelism();
  const { binding } = tf.backend() as { readonly binding?: { readonly TF_Version?: string } };
  const version = binding?.TF_Version ?? 'unknown';
  return { kind: 'native', description: `TensorFlow ${version}, native, ${cores} core${cores === 1 ? '' : 's'}` };
}

async function openWasm(reason: string): Promise<Engine> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const ours = new Set(events.flatMap((event) => process.rawListeners(event)));
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${projectPath('node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist')}${path.sep}`);
  await tf.setBackend('wasm');
  await tf.ready();
  // The module's own listeners throw every failure again, with its whole minified source above it.
  for (const event of events) {
    const added = process.rawListeners(event).filter((listener) => !ours.has(listener));
    for (const listener of added) process.removeListener(event, listener as () => void);
  }
  const costs = `It ${onnxRuntime() ? 'finds faces more slowly' : 'predicts, five times as slowly or worse'}; it cannot train.`;
  process.stderr.write(`Engine: WebAssembly instead of native TensorFlow (${reason.replace(/\.$/, '')}). ${costs}\n`);
  return { kind: 'wasm', description: `TensorFlow.js ${tf.version_core}, WebAssembly, 1 core`, costs };
}
