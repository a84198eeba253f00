/**
 * The whole training step as one TensorFlow graph: forward pass, losses, gradients, Adam. libtensorflow then fuses biases
 * and activations into the convolutions, reuses buffers and runs independent operations side by side, and JavaScript makes
 * one call a step instead of thousands.
 */
import type * as tf from '@tensorflow/tfjs';
import { type Objective, PLAIN_OBJECTIVE } from '../config';
import { FLOAT, GraphBuilder, type TensorName } from './builder';
import { type ForwardPass, writeLayers } from './layers';
import { absoluteError, type Loss, seedsOf, softCrossEntropy, sparseCrossEntropy, squaredError, weighted } from './losses';
import { batchSize } from './operations';
import { decays, writeAdam, writeAverage, writeDecay } from './optimiser';
import { DT, type NodeMessage } from './proto';
import { Tape } from './tape';
import { type SettableVariable, setAll, settable, type Variable, variable } from './variables';

export interface CompileOptions {
  readonly objective?: Objective;
  /** Whether a running average of the weights is kept beside them. */
  readonly average?: boolean;
  /** Share of the kernels, times the learning rate, that every step takes from them. */
  readonly weightDecay?: number;
  /** In how many parts a batch goes through the network, side by side. */
  readonly parts?: number;
}

export interface CompiledModel {
  readonly nodes: readonly NodeMessage[];
  readonly forward: ForwardPass;
  readonly weights: readonly SettableVariable[];
  /** The weights that are trained, and Adam's moments of each, in the same order. */
  readonly learned: readonly Variable[];
  readonly firstMoments: readonly SettableVariable[];
  readonly secondMoments: readonly SettableVariable[];
  /** Running averages of the learned weights, in the same order; empty where none are kept. */
  readonly averages: readonly SettableVariable[];
  /** Fetching one with all its feeds sets the weights, both moments of each, or the averages. */
  readonly setWeights: TensorName;
  readonly setMoments: TensorName;
  readonly setAverages: TensorName;
  readonly feeds: StepFeeds;
  /** Fetching these takes one step: age loss, gender loss, ages `[b, 1]`, gender probabilities `[b, 2]`. */
  readonly train: readonly TensorName[];
}

/** What a step is fed beside its input. */
export interface StepFeeds {
  /** `[b, 1]`, in the head's unit. */
  readonly ages: TensorName;
  /** `[b]`, whole numbers. */
  readonly genders: TensorName;
  /** `[b, bins]` and `[b, 2]`: labels as distributions, for the objectives that use them. */
  readonly ageLabels: TensorName;
  readonly genderLabels: TensorName;
  readonly learningRate: TensorName;
  /** beta1 and beta2 to the power of each learned weight's updates, `[learned]`. */
  readonly powers: readonly [TensorName, TensorName];
  /** How far the average moves towards the weights, in [0, 1]. */
  readonly averageShare: TensorName;
}

/**
 * Compiles a model with the outputs `age` (linear, on a softmax `age_distribution` where the objective asks for one) and
 * `gender` (softmax). Layers that `trainable` refuses cost no gradient, and heads whose losses all have weight 0 learn nothing.
 */
export function compileModel(
  model: tf.LayersModel,
  trainable: (layerName: string) => boolean,
  { objective = PLAIN_OBJECTIVE, average = false, weightDecay = 0, parts = 1 }: CompileOptions = {},
): CompiledModel {
  const graph = new GraphBuilder();
  const tape = new Tape(graph);
  const forward = writeLayers(tape, model, { parts });
  const candidates = forward.weights.filter(({ layer }) => trainable(layer) && model.getLayer(layer).trainable);

  const feeds: StepFeeds = {
    ages: graph.placeholder('ages', DT.float, [-1, 1]),
    genders: graph.placeholder('genders', DT.int32, [-1]),
    ageLabels: graph.placeholder('ageLabels', DT.float, [-1, -1]),
    genderLabels: graph.placeholder('genderLabels', DT.float, [-1, 2]),
    learningRate: graph.placeholder('learningRate', DT.float, []),
    powers: [graph.placeholder('powers1', DT.float, [-1]), graph.placeholder('powers2', DT.float, [-1])],
    averageShare: graph.placeholder('averageShare', DT.float, []),
  };
  const losses = writeLosses(tape, forward, feeds, objective);
  const gradients = tape.gradients(
    seedsOf(graph, [...losses.age, ...losses.gender]),
    candidates.map(({ value }) => value),
    { inTurn: true },
  );
  const learned = candidates.filter(({ value }) => gradients.has(value));

  const weights = forward.weights.map((weight) => settable(graph, weight));
  const beside = (which: string) => learned.map(({ name, shape }) => settable(graph, variable(graph, `${name}/${which}`, shape)));
  const [firstMoments, secondMoments] = [beside('first-moment'), beside('second-moment')];
  const averages = average ? beside('average') : [];
  const targets = learned.map((weight, index) => ({
    weight,
    first: firstMoments[index],
    second: secondMoments[index],
    gradient: named(gradients, weight.value),
  }));
  const decayed = graph.add('Mul', [feeds.learningRate, graph.floats([weightDecay])], { T: FLOAT });
  const updates = writeAdam(graph, targets, feeds).map((update, index) =>
    weightDecay > 0 && decays(learned[index]) ? writeDecay(graph, learned[index], decayed, update) : update,
  );
  const moved = averages.map((target, index) => writeAverage(graph, learned[index], target, feeds.averageShare, updates[index]));

  const answers = [named(forward.outputs, 'age'), named(forward.outputs, 'gender')];
  const train = [sum(graph, losses.age), sum(graph, losses.gender), ...answers].map((value) =>
    graph.add('Identity', [value], { T: FLOAT }, { after: [...updates, ...moved] }),
  );

  return {
    nodes: graph.nodes,
    forward,
    weights,
    learned,
    firstMoments,
    secondMoments,
    averages,
    setWeights: setAll(graph, weights),
    setMoments: setAll(graph, [...firstMoments, ...secondMoments]),
    setAverages: setAll(graph, averages),
    feeds,
    train,
  };
}

/** The terms of the objective that have a weight. */
function writeLosses(
  tape: Tape,
  { outputs, logits }: ForwardPass,
  feeds: StepFeeds,
  objective: Objective,
): { readonly age: readonly Loss[]; readonly gender: readonly Loss[] } {
  const { graph } = tape;
  const batch = batchSize(tape, feeds.ages);
  const term = (weight: number, write: () => Loss): Loss[] => (weight === 0 ? [] : [weighted(graph, write(), weight)]);
  const age = [
    ...term(objective.ageSquared, () => squaredError(graph, named(outputs, 'age'), feeds.ages, batch)),
    ...term(objective.ageAbsolute, () => absoluteError(graph, named(outputs, 'age'), feeds.ages, batch)),
    ...term(objective.ageDistribution, () =>
      softCrossEntropy(graph, named(logits, 'age_distribution'), feeds.ageLabels, batch, objective.ageTemperature),
    ),
  ];
  const genderLogits = named(logits, 'gender');
  const gender = term(objective.gender, () =>
    objective.genderSmoothing === 0
      ? sparseCrossEntropy(graph, genderLogits, feeds.genders, batch)
      : softCrossEntropy(graph, genderLogits, feeds.genderLabels, batch),
  );
  return { age, gender };
}

function sum(graph: GraphBuilder, losses: readonly Loss[]): TensorName {
  const values = losses.map(({ value }) => value);
  if (values.length === 0) return graph.floats([0]);
  return values.reduce((a, b) => graph.add('AddV2', [a, b], { T: FLOAT }));
}

function named(tensors: ReadonlyMap<string, TensorName>, name: string): TensorName {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The graph has no "${name}": expected outputs "age" (linear) and "gender" (softmax).`);
  return tensor;
}
