/**
 * The whole training step as one TensorFlow graph: forward pass, losses, gradients, Adam. libtensorflow then fuses biases
 * and activations into the convolutions, reuses buffers and runs independent operations side by side, and JavaScript makes
 * one call a step instead of thousands.
 */
import type * as tf from '@tensorflow/tfjs';
import { ADAM } from '../adam';
import { FLOAT, GraphBuilder, type TensorName } from './builder';
import { type ForwardPass, type GraphVariable, writeLayers } from './layers';
import { batchSize, meanSquaredError, sparseCrossEntropy } from './operations';
import { DT, type NodeMessage } from './proto';
import { Tape } from './tape';
import { type SettableVariable, setAll, settable, variable } from './variables';

export interface CompiledModel {
  readonly nodes: readonly NodeMessage[];
  readonly forward: ForwardPass;
  readonly weights: readonly SettableVariable[];
  /** The weights that are trained, and Adam's moments of each, in the same order. */
  readonly learned: readonly GraphVariable[];
  readonly firstMoments: readonly SettableVariable[];
  readonly secondMoments: readonly SettableVariable[];
  /** Fetching it with every weight, or both moments of each, fed sets them. */
  readonly setWeights: TensorName;
  readonly setMoments: TensorName;
  readonly feeds: {
    readonly ages: TensorName;
    readonly genders: TensorName;
    readonly learningRate: TensorName;
    readonly powers: readonly [TensorName, TensorName];
  };
  /** Fetching these takes one step: age loss, gender loss, ages `[b, 1]`, gender probabilities `[b, 2]`. */
  readonly train: readonly TensorName[];
  /** Ages `[b, 1]`, gender probabilities `[b, 2]`. */
  readonly predict: readonly TensorName[];
}

/** Compiles a model with the outputs `age` (linear) and `gender` (softmax). Layers that `trainable` refuses cost no gradient. */
export function compileModel(model: tf.LayersModel, trainable: (layerName: string) => boolean): CompiledModel {
  const graph = new GraphBuilder();
  const tape = new Tape(graph);
  const forward = writeLayers(tape, model);
  const learned = forward.variables.filter(({ layer }) => trainable(layer));

  const ages = graph.placeholder('ages', DT.float, [-1, 1]);
  const genders = graph.placeholder('genders', DT.int32, [-1]);
  const batch = batchSize(tape, ages);
  const age = output(forward.outputs, 'age');
  const gender = output(forward.outputs, 'gender');
  const losses = [meanSquaredError(tape, age, ages, batch), sparseCrossEntropy(tape, output(forward.logits, 'gender'), genders, batch)];
  const gradients = tape.gradients(
    new Map(losses.map(({ at, gradient }) => [at, gradient])),
    learned.map(({ value }) => value),
  );

  const weights = forward.variables.map((weight) => settable(graph, weight));
  const moments = (which: string) => learned.map(({ name, shape }) => settable(graph, variable(graph, `${name}/${which}-moment`, shape)));
  const [firstMoments, secondMoments] = [moments('first'), moments('second')];

  const learningRate = graph.placeholder('learningRate', DT.float, []);
  const powers = [
    graph.placeholder('powers1', DT.float, [learned.length]),
    graph.placeholder('powers2', DT.float, [learned.length]),
  ] as const;
  const [powers1, powers2] = powers.map((power) =>
    graph.add('Unpack', [power], { T: FLOAT, num: { int: learned.length }, axis: { int: 0 } }),
  );
  const constants = [learningRate, graph.floats([ADAM.beta1]), graph.floats([ADAM.beta2]), graph.floats([ADAM.epsilon])];
  const updates = learned.map(({ name, handle, value }, index) => {
    const [first, second] = [firstMoments[index], secondMoments[index]];
    const power = (unpacked: TensorName) => `${unpacked.slice(0, -2)}:${index}`;
    const inputs = [handle, first.handle, second.handle, power(powers1), power(powers2), ...constants, output(gradients, value)];
    const attributes = { T: FLOAT, use_locking: { flag: false }, use_nesterov: { flag: false } };
    return graph.add('ResourceApplyAdam', inputs, attributes, { name: `adam/${name}` });
  });
  const train = [losses[0].value, losses[1].value, age, gender].map((value) =>
    graph.add('Identity', [value], { T: FLOAT }, { after: updates }),
  );

  return {
    nodes: graph.nodes,
    forward,
    weights,
    learned,
    firstMoments,
    secondMoments,
    setWeights: setAll(graph, weights),
    setMoments: setAll(graph, [...firstMoments, ...secondMoments]),
    feeds: { ages, genders, learningRate, powers },
    train,
    predict: [age, gender],
  };
}

function output(tensors: ReadonlyMap<string, TensorName>, name: string): TensorName {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The graph has no "${name}": expected outputs "age" (linear) and "gender" (softmax).`);
  return tensor;
}
