/**
 * A TensorFlow session over a graph written here. The graph goes through a folder on disk, because that is the only door
 * into libtensorflow that tfjs-node has; arrays go in and out through the binding, with no tensors left behind.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TFJSBinding } from '@tensorflow/tfjs-node/dist/tfjs_binding';
import { nativeTensorFlow } from '../base/engine';
import { projectPath } from '../base/project';
import type { TensorName } from './builder';
import { type NodeMessage, savedModelBytes } from './proto';

export interface Feed {
  readonly name: TensorName;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

export class GraphSession {
  private readonly binding = (nativeTensorFlow().backend() as unknown as { readonly binding: TFJSBinding }).binding;
  private readonly id: number;

  constructor(nodes: readonly NodeMessage[]) {
    const parent = projectPath('.cache', 'graphs');
    mkdirSync(parent, { recursive: true });
    const folder = mkdtempSync(path.join(parent, 'graph-'));
    try {
      writeFileSync(path.join(folder, 'saved_model.pb'), savedModelBytes(nodes));
      this.id = this.binding.loadSavedModel(folder, 'serve');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Runs what `fetches` need and returns their values, in order. Blocks the thread until done. */
  run(feeds: readonly Feed[], fetches: readonly TensorName[]): Float32Array[] {
    const { binding } = this;
    const inputs = feeds.map(({ shape, values }) => binding.createTensor([...shape], this.typeOf(values), values));
    try {
      const outputs = binding.runSavedModel(this.id, inputs, feeds.map(({ name }) => name).join(','), fetches.join(','));
      return outputs.map(({ id }) => {
        const values = binding.tensorDataSync(id);
        binding.deleteTensor(id);
        return values as Float32Array;
      });
    } finally {
      for (const input of inputs) binding.deleteTensor(input);
    }
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.id);
  }

  private typeOf(values: Feed['values']): number {
    if (values instanceof Float32Array) return this.binding.TF_FLOAT;
    return values instanceof Int32Array ? this.binding.TF_INT32 : this.binding.TF_UINT8;
  }
}

/**
 * How often a batch of `count` images is to be given to a graph that computes it in `parts`, which needs an image for each:
 * the means over the batch, and with them losses and gradients, stay what they are.
 */
export function timesOver(count: number, parts: number): number {
  return count >= parts ? 1 : Math.ceil(parts / count);
}

/** The values `times` over, one copy after the other; the values themselves where once is enough. */
export function repeated<Values extends Feed['values']>(values: Values, times: number): Values {
  if (times === 1) return values;
  const result = new (values.constructor as new (length: number) => Values)(times * values.length);
  for (let copy = 0; copy < times; copy++) result.set(values, copy * values.length);
  return result;
}

/** The first of `times` copies. */
export function once(values: Float32Array, times: number): Float32Array {
  return times === 1 ? values : values.slice(0, values.length / times);
}
