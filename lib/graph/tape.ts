/**
 * Reverse-mode differentiation over a graph that is being written. Every differentiable operation records, beside its
 * output, how a gradient of that output becomes a gradient of each input. Walking the record backwards from the losses
 * applies the chain rule; what no trainable weight feeds into is never asked for.
 */
import { FLOAT, type GraphBuilder, type TensorName } from './builder';

/** Writes the nodes of one input's gradient, given the gradient of the output. */
type GradientRule = (outputGradient: TensorName) => TensorName;

/** The inputs of an operation, each with its rule. */
export type GradientRules = readonly (readonly [TensorName, GradientRule])[];

/** Gradients of the total loss, each by the tensor with respect to which it is taken. */
export type Gradients = ReadonlyMap<TensorName, TensorName>;

export class Tape {
  private readonly entries: { readonly output: TensorName; readonly inputs: GradientRules }[] = [];

  constructor(readonly graph: GraphBuilder) {}

  /** Remembers that `output` was made from `inputs`, each with its rule; returns `output`. */
  record(output: TensorName, inputs: GradientRules): TensorName {
    this.entries.push({ output, inputs });
    return output;
  }

  /**
   * Appends the gradient nodes of `wanted` tensors, the weights. `seeds` holds the gradients of the tensors where the losses
   * attach; contributions that meet in one tensor are added up. `inTurn`, an operation's weights get their gradients before its
   * other inputs do. What those gradients are made of can then be freed while the walk goes on: at 224 px a step holds a third less.
   */
  gradients(seeds: Gradients, wanted: readonly TensorName[], { inTurn = false } = {}): Gradients {
    const weights = new Set(wanted);
    const needed = this.dependents(weights);
    const found = new Map(seeds);
    const apply = ([input, rule]: GradientRules[number], outputGradient: TensorName): TensorName => {
      const contribution = rule(outputGradient);
      const sum = found.get(input);
      found.set(input, sum === undefined ? contribution : this.graph.add('AddV2', [sum, contribution]));
      return contribution;
    };
    for (const { output, inputs } of [...this.entries].reverse()) {
      const outputGradient = found.get(output);
      if (outputGradient === undefined) continue;
      const own = inputs.filter(([input]) => weights.has(input));
      const others = inputs.filter(([input]) => needed.has(input) && !weights.has(input));
      const served = own.map((input) => apply(input, outputGradient));
      const waits = inTurn && served.length > 0 && others.length > 0;
      const passedOn = waits ? this.graph.add('Identity', [outputGradient], { T: FLOAT }, { after: served }) : outputGradient;
      for (const input of others) apply(input, passedOn);
    }
    return found;
  }

  /** The wanted tensors and everything computed from them. */
  private dependents(wanted: Iterable<TensorName>): Set<TensorName> {
    const needed = new Set(wanted);
    for (const { output, inputs } of this.entries) {
      if (inputs.some(([input]) => needed.has(input))) needed.add(output);
    }
    return needed;
  }
}
