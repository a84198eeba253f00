/**
 * The whole training step as one TensorFlow graph: forward pass, losses, gradients, Adam. libtensorflow then fuses biases
 * and activations into the convolutions, reuses buffers and runs independent operations side by side, and JavaScript makes
 * one call a step instead of thousands.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Config, Objective } from '../config';
import { FLOAT, GraphBuilder, INT32, setAll, settable, type TensorName, variable } from './builder';
import { type ForwardPass, writeLayers } from './layers';
import { absoluteError, type Loss, seedsOf, softCrossEntropy, sparseCrossEntropy, squaredError, weighted } from './losses';
import { weightsOf } from './network';
import { batchSize } from './operations';
import { decays, writeAdam, writeAverage, writeDecay } from './optimiser';
import { Tape } from './tape';

export interface CompileOptions extends Pick<Config, 'objective' | 'weightDecay'> {
  /** Whether a running average of the weights is kept beside them. */
  readonly average: boolean;
  /** In how many parts a batch goes through the network, side by side. */
  readonly parts?: number;
}

export type CompiledModel = ReturnType<typeof compileModel>;

/**
 * Compiles a model with the outputs `age` (linear, on a softmax `age_distribution` where the objective asks for one) and
 * `gender` (softmax). Layers that `trainable` refuses cost no gradient, and heads whose losses all have weight 0 learn nothing.
 */
export function compileModel(
  model: tf.LayersModel,
  trainable: (layerName: string) => boolean,
  { objective, average, weightDecay, parts }: CompileOptions,
) {
  const graph = new GraphBuilder();
  const tape = new Tape(graph);
  const forward = writeLayers(tape, model, (name, shape) => variable(graph, name, shape), parts);
  const feeds = { input: forward.input, ...placeholders(graph) };
  const losses = writeLosses(tape, forward, feeds, objective);

  const trained = model.layers.filter((layer) => layer.trainable && trainable(layer.name)).flatMap(weightsOf);
  const candidates = forward.weights.filter(({ name }) => trained.some((weight) => weight.name === name));
  const wanted = candidates.map(({ value }) => value);
  const gradients = tape.gradients(seedsOf(graph, [...losses.age, ...losses.gender]), wanted, { inTurn: true });
  const learned = candidates.filter(({ value }) => gradients.has(value));

  const weights = forward.weights.map((weight) => settable(graph, weight));
  const beside = (which: string) => learned.map(({ name, shape }) => settable(graph, variable(graph, `${name}/${which}`, shape)));
  const [firstMoments, secondMoments, averages] = [beside('first-moment'), beside('second-moment'), average ? beside('average') : []];
  const targets = learned.map((weight, index) => ({
    weight,
    first: firstMoments[index],
    second: secondMoments[index],
    gradient: named(gradients, weight.value),
  }));
  const decayed = graph.add('Mul', [feeds.learningRate, graph.floats([weightDecay])]);
  const updates = writeAdam(graph, targets, feeds.learningRate, feeds.powers).map((update, index) =>
    weightDecay > 0 && decays(learned[index]) ? writeDecay(graph, learned[index], decayed, update) : update,
  );
  const moved = averages.map((target, index) => writeAverage(graph, learned[index], target, feeds.averageShare, updates[index]));

  const answers = [named(forward.outputs, 'age'), named(forward.outputs, 'gender')];
  const train = [sum(graph, losses.age), sum(graph, losses.gender), ...answers].map((value) =>
    graph.add('Identity', [value], { T: FLOAT }, { after: [...updates, ...moved] }),
  );

  return {
    nodes: graph.nodes,
    feeds,
    /** Fetching these takes one step: age loss, gender loss, ages `[b, 1]`, gender probabilities `[b, 2]`. */
    train,
    weights,
    /** The weights that are trained; Adam's moments of each, and their running averages if they are kept, in the same order. */
    learned,
    firstMoments,
    secondMoments,
    averages,
    /** Fetching it, with a feed for each of them, sets weights, moments and averages. */
    setState: setAll(graph, [...weights, ...firstMoments, ...secondMoments, ...averages]),
  };
}

type StepFeeds = ReturnType<typeof placeholders>;

/** What a step is fed beside its input. */
function placeholders(graph: GraphBuilder) {
  const floats = (name: string, shape: readonly number[]) => graph.placeholder(name, FLOAT, shape);
  return {
    /** `[b, 1]`, in the head's unit. */
    ages: floats('ages', [-1, 1]),
    /** `[b]`, whole numbers. */
    genders: graph.placeholder('genders', INT32, [-1]),
    /** `[b, bins]` and `[b, 2]`: labels as distributions, for the objectives that use them. */
    ageLabels: floats('ageLabels', [-1, -1]),
    genderLabels: floats('genderLabels', [-1, 2]),
    learningRate: floats('learningRate', []),
    /** beta1 and beta2 to the power of each learned weight's updates, `[learned]`. */
    powers: [floats('powers1', [-1]), floats('powers2', [-1])],
    /** How far the average moves towards the weights, in [0, 1]. */
    averageShare: floats('averageShare', []),
  };
}

/** The terms of the objective that have a weight. */
function writeLosses(
  tape: Tape,
  { outputs, logits }: Pick<ForwardPass<unknown>, 'outputs' | 'logits'>,
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
  return values.reduce((a, b) => graph.add('AddV2', [a, b]));
}

function named(tensors: ReadonlyMap<string, TensorName>, name: string): TensorName {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The graph has no "${name}": expected outputs "age" (linear) and "gender" (softmax).`);
  return tensor;
}
