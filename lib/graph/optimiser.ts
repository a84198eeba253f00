/** What happens to a weight once its gradient is known: Adam's update, decay, and the running average that follows the weights. */
import { FLOAT, type GraphBuilder, type TensorName } from './builder';
import type { Variable } from './variables';

/** Adam (Kingma and Ba 2015, arXiv 1412.6980, the form at the end of section 2), with Keras's constants. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** Weight decay is for kernels: a bias pulled towards 0 would only move the answers (Loshchilov and Hutter 2019, "AdamW"). */
export function decays({ shape }: { readonly shape: readonly (number | null)[] }): boolean {
  return shape.length > 1;
}

export interface AdamTarget {
  readonly weight: Variable;
  readonly first: Variable;
  readonly second: Variable;
  readonly gradient: TensorName;
}

export interface AdamFeeds {
  readonly learningRate: TensorName;
  readonly powers: readonly [TensorName, TensorName];
}

/** Appends Adam's update of every target, each with its own powers of beta; returns the nodes that do it, in order. */
export function writeAdam(graph: GraphBuilder, targets: readonly AdamTarget[], { learningRate, powers }: AdamFeeds): TensorName[] {
  const [powers1, powers2] = powers.map((power) =>
    graph.add('Unpack', [power], { T: FLOAT, num: { int: targets.length }, axis: { int: 0 } }),
  );
  const constants = [learningRate, graph.floats([ADAM.beta1]), graph.floats([ADAM.beta2]), graph.floats([ADAM.epsilon])];
  const attributes = { T: FLOAT, use_locking: { flag: false }, use_nesterov: { flag: false } };
  const power = (unpacked: TensorName, index: number) => `${unpacked.slice(0, -2)}:${index}`;
  return targets.map(({ weight, first, second, gradient }, index) => {
    const inputs = [weight.handle, first.handle, second.handle, power(powers1, index), power(powers2, index), ...constants, gradient];
    return graph.add('ResourceApplyAdam', inputs, attributes, { name: `adam/${weight.name}` });
  });
}

/** weight -= share · weight, once it has had its `update`; returns the node that does it. */
export function writeDecay(graph: GraphBuilder, weight: Variable, share: TensorName, update: TensorName): TensorName {
  const updated = graph.add('ReadVariableOp', [weight.handle], { dtype: FLOAT }, { after: [update] });
  return graph.add('AssignSubVariableOp', [weight.handle, graph.add('Mul', [updated, share], { T: FLOAT })], { dtype: FLOAT });
}

/** average += share · (weight - average), once the weight has had its `update`. */
export function writeAverage(graph: GraphBuilder, weight: Variable, average: Variable, share: TensorName, update: TensorName): TensorName {
  const updated = graph.add('ReadVariableOp', [weight.handle], { dtype: FLOAT }, { after: [update] });
  const step = graph.add('Mul', [graph.add('Sub', [updated, average.value], { T: FLOAT }), share], { T: FLOAT });
  return graph.add('AssignAddVariableOp', [average.handle, step], { dtype: FLOAT });
}
