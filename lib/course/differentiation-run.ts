/** Runs the small graph of notebook 2's section on gradients, and counts the nodes of the large one. */
import type * as tf from '@tensorflow/tfjs';
import { openEngine } from '../base/engine';
import { GraphBuilder, type TensorName } from '../graph/builder';
import { compileModel } from '../graph/compile';
import { writeLayers } from '../graph/layers';
import { GraphSession } from '../graph/session';
import { Tape } from '../graph/tape';
import { tableHtml } from '../pages/html';
import { PLAIN_STEP, type StepRecipe } from '../training/step';
import type { FedTensor } from './differentiation';

/** Feeds tensors and fetches others, in one call. Each result is row by row. */
export type Evaluate = (fed: Readonly<Record<string, FedTensor>>, fetches: readonly TensorName[]) => number[][];

/**
 * Hands the graph to TensorFlow; the session lives as long as the process. Without the native engine there is nobody to run
 * it: then the answer is undefined, and a line says so.
 */
export async function openGraph({ graph }: Tape): Promise<Evaluate | undefined> {
  if ((await openEngine()).kind !== 'native') {
    console.log('WebAssembly runs no graphs: the numbers of this section need the native engine (npm run doctor says what is missing).');
    return undefined;
  }
  const session = new GraphSession(graph.nodes);
  return (fed, fetches) => {
    const feeds = Object.values(fed).map(({ value, shape, numbers }) => ({ name: value, shape, values: Float32Array.from(numbers) }));
    return session.run(feeds, fetches).map((values) => Array.from(values));
  };
}

/** The same tensor with `change` added to one of its numbers, counted from 0 row by row. */
export function nudged(tensor: FedTensor, index: number, change: number): FedTensor {
  return { ...tensor, numbers: tensor.numbers.map((number, at) => (at === index ? number + change : number)) };
}

/** Each weight beside its gradient, both as rows in brackets. */
export function gradientTable(weights: Readonly<Record<string, FedTensor>>, gradients: readonly (readonly number[])[]): string {
  const rows = Object.entries(weights).map(([name, { shape, numbers }], index) => {
    return [name, bracketed(numbers, shape), bracketed(gradients[index], shape)];
  });
  return tableHtml(['weight', 'its numbers', 'their gradients'], rows);
}

function bracketed(numbers: readonly number[], shape: readonly number[]): string {
  const width = shape[shape.length - 1];
  const list = (part: readonly number[]) => `[${part.map((number) => Number(number.toPrecision(4))).join(', ')}]`;
  if (shape.length === 1) return list(numbers);
  const rows = Array.from({ length: numbers.length / width }, (_, row) => list(numbers.slice(row * width, (row + 1) * width)));
  return `[${rows.join(', ')}]`;
}

export interface NodeCounts {
  /** Of the forward pass alone. */
  readonly forward: number;
  /** Of a training step: forward pass, losses, gradients, Adam, and what sets and reads the weights. */
  readonly training: number;
}

/** How many nodes the compiler writes for a model with the outputs `age` and `gender`, all of it trained by the recipe. */
export function countNodes(model: tf.LayersModel, { objective, emaDecay, weightDecay }: StepRecipe = PLAIN_STEP): NodeCounts {
  const forward = new GraphBuilder();
  writeLayers(new Tape(forward), model);
  return {
    forward: forward.nodes.length,
    training: compileModel(model, () => true, { objective, average: emaDecay > 0, weightDecay }).nodes.length,
  };
}
