/** Losses as graph nodes: the mean over the batch, and the gradient with which the walk back begins. */
import { FLOAT, type GraphBuilder, INT32, outputOf, type TensorName } from './builder';

export interface Loss {
  readonly value: TensorName;
  /** The tensor that the loss was computed from. */
  readonly at: TensorName;
  /** The loss's gradient with respect to that tensor. */
  readonly gradient: TensorName;
}

/** Mean of (prediction - target)²; its gradient is 2 (prediction - target) / batch. */
export function squaredError(graph: GraphBuilder, prediction: TensorName, target: TensorName, batch: TensorName): Loss {
  const difference = graph.add('Sub', [prediction, target]);
  const value = mean(graph, graph.add('Square', [difference]), [0, 1]);
  const twice = graph.add('AddV2', [difference, difference]);
  return { value, at: prediction, gradient: graph.add('RealDiv', [twice, batch]) };
}

/** Mean of |prediction - target| (L1); its gradient is the sign of the difference / batch. */
export function absoluteError(graph: GraphBuilder, prediction: TensorName, target: TensorName, batch: TensorName): Loss {
  const difference = graph.add('Sub', [prediction, target]);
  const value = mean(graph, graph.add('Abs', [difference]), [0, 1]);
  const sign = graph.add('Sign', [difference]);
  return { value, at: prediction, gradient: graph.add('RealDiv', [sign, batch]) };
}

/** Mean of -log softmax(logits)[label]; TensorFlow's kernel hands out its gradient, softmax - one-hot, as a second output. */
export function sparseCrossEntropy(graph: GraphBuilder, logits: TensorName, labels: TensorName, batch: TensorName): Loss {
  const each = graph.add('SparseSoftmaxCrossEntropyWithLogits', [logits, labels], { T: FLOAT, Tlabels: INT32 });
  return { value: mean(graph, each, [0]), at: logits, gradient: graph.add('RealDiv', [outputOf(each, 1), batch]) };
}

/**
 * Mean of -sum(labels · log softmax(logits / temperature)) for labels that are distributions `[b, n]`; its gradient is
 * (softmax - labels) / temperature.
 */
export function softCrossEntropy(graph: GraphBuilder, logits: TensorName, labels: TensorName, batch: TensorName, temperature = 1): Loss {
  const tempered = temperature === 1 ? logits : graph.add('RealDiv', [logits, graph.floats([temperature])]);
  const each = graph.add('SoftmaxCrossEntropyWithLogits', [tempered, labels]);
  const divisor = temperature === 1 ? batch : graph.add('Mul', [batch, graph.floats([temperature])]);
  return { value: mean(graph, each, [0]), at: logits, gradient: graph.add('RealDiv', [outputOf(each, 1), divisor]) };
}

/** The loss times a constant. */
export function weighted(graph: GraphBuilder, { value, at, gradient }: Loss, weight: number): Loss {
  if (weight === 1) return { value, at, gradient };
  const factor = graph.floats([weight]);
  return { value: graph.add('Mul', [value, factor]), at, gradient: graph.add('Mul', [gradient, factor]) };
}

/** Where each walk back begins; losses that meet in one tensor are added up. */
export function seedsOf(graph: GraphBuilder, losses: readonly Loss[]): Map<TensorName, TensorName> {
  const seeds = new Map<TensorName, TensorName>();
  for (const { at, gradient } of losses) {
    const other = seeds.get(at);
    seeds.set(at, other === undefined ? gradient : graph.add('AddV2', [other, gradient]));
  }
  return seeds;
}

function mean(graph: GraphBuilder, x: TensorName, axes: readonly number[]): TensorName {
  return graph.add('Mean', [x, graph.ints(axes)], { T: FLOAT, Tidx: INT32, keep_dims: false });
}
