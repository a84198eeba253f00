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

/** A variable of the graph's state: where to feed it, what to fetch to set it, what to fetch to read it. */
export interface StateSlot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly feed: TensorName;
  readonly read: TensorName;
}

export interface CompiledModel {
  readonly nodes: readonly NodeMessage[];
  readonly forward: ForwardPass;
  readonly weights: readonly StateSlot[];
  /** Adam's first and second moments, one of each for every trainable weight, in the same order. */
  readonly firstMoments: readonly StateSlot[];
  readonly secondMoments: readonly StateSlot[];
  /** Fetching it with every slot of a kind fed sets them all. */
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

  const weights = forward.variables.map((variable) => slot(graph, variable, variable.handle, variable.value));
  const firstMoments = learned.map((variable) => moment(graph, variable, 'first'));
  const secondMoments = learned.map((variable) => moment(graph, variable, 'second'));

  const learningRate = graph.placeholder('learningRate', DT.float, []);
  const powers = [
    graph.placeholder('powers1', DT.float, [learned.length]),
    graph.placeholder('powers2', DT.float, [learned.length]),
  ] as const;
  const [powers1, powers2] = powers.map((power) =>
    graph.add('Unpack', [power], { T: FLOAT, num: { int: learned.length }, axis: { int: 0 } }),
  );
  const constants = [learningRate, graph.floats([ADAM.beta1]), graph.floats([ADAM.beta2]), graph.floats([ADAM.epsilon])];
  const updates = learned.map((variable, index) => {
    const [first, second] = [firstMoments[index], secondMoments[index]];
    const power = (unpacked: TensorName) => `${unpacked.slice(0, -2)}:${index}`;
    const inputs = [
      variable.handle,
      first.handle,
      second.handle,
      power(powers1),
      power(powers2),
      ...constants,
      output(gradients, variable.value),
    ];
    const attributes = { T: FLOAT, use_locking: { flag: false }, use_nesterov: { flag: false } };
    return graph.add('ResourceApplyAdam', inputs, attributes, { name: `adam/${variable.name}` });
  });
  const train = [losses[0].value, losses[1].value, age, gender].map((value) =>
    graph.add('Identity', [value], { T: FLOAT }, { after: updates }),
  );

  return {
    nodes: graph.nodes,
    forward,
    weights,
    firstMoments,
    secondMoments,
    setWeights: graph.floats([1], [], { after: weights.map(({ assign }) => assign) }),
    setMoments: graph.floats([1], [], { after: [...firstMoments, ...secondMoments].map(({ assign }) => assign) }),
    feeds: { ages, genders, learningRate, powers },
    train,
    predict: [age, gender],
  };
}

interface WritableSlot extends StateSlot {
  readonly handle: TensorName;
  readonly assign: TensorName;
}

function slot(graph: GraphBuilder, { name, shape }: GraphVariable, handle: TensorName, read: TensorName): WritableSlot {
  const feed = graph.placeholder(`set/${handle.split(':')[0]}`, DT.float, shape);
  const assign = graph.add('AssignVariableOp', [handle, feed], { dtype: FLOAT });
  return { name, shape, feed, read, handle, assign };
}

function moment(graph: GraphBuilder, variable: GraphVariable, which: 'first' | 'second'): WritableSlot {
  const name = `${variable.name}/${which}-moment`;
  const attributes = { dtype: FLOAT, shape: { shape: variable.shape }, shared_name: { text: name }, container: { text: '' } };
  const handle = graph.add('VarHandleOp', [], attributes, { name: `variable/${name}` });
  return slot(graph, variable, handle, graph.add('ReadVariableOp', [handle], { dtype: FLOAT }));
}

function output(tensors: ReadonlyMap<string, TensorName>, name: string): TensorName {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The graph has no "${name}": expected outputs "age" (linear) and "gender" (softmax).`);
  return tensor;
}
