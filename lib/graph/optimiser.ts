/** What happens to a weight once its gradient is known: Adam's update, decay, and the running average that follows the weights. */
import { FLOAT, type GraphBuilder, outputOf, type TensorName, type Variable } from './builder';

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

/**
 * Appends Adam's update of every target; returns the nodes that do it, in order. `powers` are those of beta1 and beta2,
 * `[targets]` each, since every weight has had its own number of updates.
 */
export function writeAdam(
  graph: GraphBuilder,
  targets: readonly AdamTarget[],
  learningRate: TensorName,
  powers: readonly TensorName[],
): TensorName[] {
  const unpacked = powers.map((power) => graph.add('Unpack', [power], { T: FLOAT, num: targets.length, axis: 0 }));
  const constants = [learningRate, graph.floats([ADAM.beta1]), graph.floats([ADAM.beta2]), graph.floats([ADAM.epsilon])];
  return targets.map(({ weight, first, second, gradient }, index) => {
    const own = unpacked.map((all) => outputOf(all, index));
    const inputs = [weight.handle, first.handle, second.handle, ...own, ...constants, gradient];
    const attributes = { T: FLOAT, use_locking: false, use_nesterov: false };
    return graph.add('ResourceApplyAdam', inputs, attributes, { name: `adam/${weight.name}` });
  });
}

/** weight -= share · weight, once it has had its `update`; returns the node that does it. */
export function writeDecay(graph: GraphBuilder, weight: Variable, share: TensorName, update: TensorName): TensorName {
  const updated = graph.add('ReadVariableOp', [weight.handle], { dtype: FLOAT }, { after: [update] });
  return graph.add('AssignSubVariableOp', [weight.handle, graph.add('Mul', [updated, share])], { dtype: FLOAT });
}

/** average += share · (weight - average), once the weight has had its `update`. */
export function writeAverage(graph: GraphBuilder, weight: Variable, average: Variable, share: TensorName, update: TensorName): TensorName {
  const updated = graph.add('ReadVariableOp', [weight.handle], { dtype: FLOAT }, { after: [update] });
  const step = graph.add('Mul', [graph.add('Sub', [updated, average.value]), share]);
  return graph.add('AssignAddVariableOp', [average.handle, step], { dtype: FLOAT });
}
