/** Losses as graph nodes: the mean over the batch, and the gradient with which the walk back begins. */
import { FLOAT, type GraphBuilder, INT32, type TensorName } from './builder';

export interface Loss {
  readonly value: TensorName;
  /** The tensor that the loss was computed from. */
  readonly at: TensorName;
  /** The loss's gradient with respect to that tensor. */
  readonly gradient: TensorName;
}

/** Mean of (prediction - target)²; its gradient is 2 (prediction - target) / batch. */
export function squaredError(graph: GraphBuilder, prediction: TensorName, target: TensorName, batch: TensorName): Loss {
  const difference = binary(graph, 'Sub', prediction, target);
  const value = mean(graph, graph.add('Square', [difference], { T: FLOAT }), [0, 1]);
  return { value, at: prediction, gradient: binary(graph, 'RealDiv', binary(graph, 'AddV2', difference, difference), batch) };
}

/** Mean of |prediction - target| (L1); its gradient is the sign of the difference / batch. */
export function absoluteError(graph: GraphBuilder, prediction: TensorName, target: TensorName, batch: TensorName): Loss {
  const difference = binary(graph, 'Sub', prediction, target);
  const value = mean(graph, graph.add('Abs', [difference], { T: FLOAT }), [0, 1]);
  return { value, at: prediction, gradient: binary(graph, 'RealDiv', graph.add('Sign', [difference], { T: FLOAT }), batch) };
}

/** Mean of -log softmax(logits)[label]; TensorFlow's kernel hands out its gradient, softmax - one-hot, as a second output. */
export function sparseCrossEntropy(graph: GraphBuilder, logits: TensorName, labels: TensorName, batch: TensorName): Loss {
  const each = graph.add('SparseSoftmaxCrossEntropyWithLogits', [logits, labels], { T: FLOAT, Tlabels: INT32 });
  return { value: mean(graph, each, [0]), at: logits, gradient: binary(graph, 'RealDiv', secondOutput(each), batch) };
}

/**
 * Mean of -sum(labels · log softmax(logits / temperature)) for labels that are distributions `[b, n]`; its gradient is
 * (softmax - labels) / temperature.
 */
export function softCrossEntropy(graph: GraphBuilder, logits: TensorName, labels: TensorName, batch: TensorName, temperature = 1): Loss {
  const tempered = temperature === 1 ? logits : binary(graph, 'RealDiv', logits, graph.floats([temperature]));
  const each = graph.add('SoftmaxCrossEntropyWithLogits', [tempered, labels], { T: FLOAT });
  const divisor = temperature === 1 ? batch : binary(graph, 'Mul', batch, graph.floats([temperature]));
  return { value: mean(graph, each, [0]), at: logits, gradient: binary(graph, 'RealDiv', secondOutput(each), divisor) };
}

/** The loss times a constant. */
export function weighted(graph: GraphBuilder, { value, at, gradient }: Loss, weight: number): Loss {
  if (weight === 1) return { value, at, gradient };
  const factor = graph.floats([weight]);
  return { value: binary(graph, 'Mul', value, factor), at, gradient: binary(graph, 'Mul', gradient, factor) };
}

/** Where each walk back begins; losses that meet in one tensor are added up. */
export function seedsOf(graph: GraphBuilder, losses: readonly Loss[]): Map<TensorName, TensorName> {
  const seeds = new Map<TensorName, TensorName>();
  for (const { at, gradient } of losses) {
    const other = seeds.get(at);
    seeds.set(at, other === undefined ? gradient : binary(graph, 'AddV2', other, gradient));
  }
  return seeds;
}

function binary(graph: GraphBuilder, op: 'Sub' | 'AddV2' | 'Mul' | 'RealDiv', a: TensorName, b: TensorName): TensorName {
  return graph.add(op, [a, b], { T: FLOAT });
}

function mean(graph: GraphBuilder, x: TensorName, axes: readonly number[]): TensorName {
  return graph.add('Mean', [x, graph.ints(axes)], { T: FLOAT, Tidx: INT32, keep_dims: { flag: false } });
}

function secondOutput(tensor: TensorName): TensorName {
  return `${tensor.slice(0, -2)}:1`;
}
