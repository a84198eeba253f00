/** This project's side of the benchmark: compiled graphs as training uses them, and ONNX Runtime as prediction does. */
import * as tf from '@tensorflow/tfjs';
import { onnxRuntime } from '../../lib/base/engine';
import { type Random, shuffled, streamFor } from '../../lib/base/random';
import { buildFaceModel, type FaceModel } from '../../lib/model/face-model';
import { type Forward, openForward } from '../../lib/model/forward';
import { describeLayers, type LayerDescription, writeWeights } from '../../lib/model/layer-weights';
import { FEATURES } from '../../lib/model/mobilenet';
import { GraphStep } from '../../lib/training/graph-step';
import type { Batch } from '../../lib/training/labels';
import { trainableLayers } from '../../lib/training/schedule';
import { forwardOperations, stepOperations } from './arithmetic';
import type { Inputs } from './input-files';
import { LEARNING_RATE, MATRIX_SIDE, type Proof, type Task, type Workload } from './protocol';

export async function openOurs(task: Task, inputs: Inputs): Promise<Workload> {
  if (task.name === 'matmul') return openMatMul();
  const model = buildFaceModel(task.sizePx, inputs.weights());
  writeWeights(model.full, inputs.weights());
  if (task.name === 'forward') return openForwardPass(task, inputs, model);
  if (task.name.startsWith('train')) return openTraining(task, inputs, model);
  return openEpochs(task, inputs, model);
}

async function openForwardPass(task: Task, inputs: Inputs, model: FaceModel): Promise<Workload> {
  const onnx = onnxRuntime();
  if (!onnx) throw new Error('onnxruntime-node is needed, and has no build for this machine');
  const forward = await openForward(model.full);
  const images = inputs.images(task.sizePx, task.batch);
  return {
    runtime: `ONNX Runtime ${onnx.env.versions.node}`,
    proof: { outputs: outputsOf(await forward.run(images)), losses: [] },
    floatingPointOperations: task.batch * forwardOperations(describeLayers(model.full)),
    run: async () => void (await forward.run(images)),
  };
}

function openTraining(task: Task, inputs: Inputs, model: FaceModel): Workload {
  const trainable = trainableLayers(task.trainable);
  const step = new GraphStep(model.full, trainable);
  const batch: Batch = { inputs: inputs.images(task.sizePx, task.batch), ...inputs.labels(task.batch) };
  const layers: readonly LayerDescription[] = describeLayers(model.full);
  return {
    proof: proofOf(step, batch),
    floatingPointOperations: task.batch * stepOperations(layers, trainable),
    run: () => void step.step(batch, LEARNING_RATE),
  };
}

/** Features once, unless they are given, then epochs of the heads. Both graphs are compiled before the clock starts. */
async function openEpochs(task: Task, inputs: Inputs, model: FaceModel): Promise<Workload> {
  const { epochs, epochImages, batch: batchSize } = task;
  const heads = new GraphStep(model.heads, () => true);
  const labels = inputs.labels(epochImages);
  const random = streamFor(1, 'benchmark');
  if (task.name === 'head-epochs') {
    const features = inputs.features(epochImages);
    const proof = proofOf(heads, batchOf(features, labels, range(batchSize)));
    return { proof, run: () => trainHeads(heads, features, labels, batchSize, epochs, random) };
  }
  const base = await openForward(model.base);
  const images = inputs.images(task.sizePx, epochImages);
  const first = await featuresOf(base, images.subarray(0, batchSize * task.sizePx ** 2 * 3), batchSize, batchSize);
  return {
    proof: proofOf(heads, batchOf(first, labels, range(batchSize))),
    run: async () => trainHeads(heads, await featuresOf(base, images, epochImages, batchSize), labels, batchSize, epochs, random),
  };
}

async function featuresOf(base: Forward, images: Uint8Array, count: number, batchSize: number): Promise<Float32Array> {
  const features = new Float32Array(count * FEATURES);
  const bytes = images.length / count;
  for (let first = 0; first < count; first += batchSize) {
    const last = Math.min(first + batchSize, count);
    const [row] = await base.run(images.subarray(first * bytes, last * bytes));
    features.set(row, first * FEATURES);
  }
  return features;
}

type Labels = Pick<Batch, 'ages' | 'genders'>;

function trainHeads(heads: GraphStep, features: Float32Array, labels: Labels, batchSize: number, epochs: number, random: Random): void {
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(range(labels.ages.length), random);
    for (let first = 0; first < order.length; first += batchSize) {
      heads.step(batchOf(features, labels, order.slice(first, first + batchSize)), LEARNING_RATE);
    }
  }
}

function batchOf(features: Float32Array, { ages, genders }: Labels, places: readonly number[]): Batch {
  const inputs = new Float32Array(places.length * FEATURES);
  for (const [index, place] of places.entries()) inputs.set(features.subarray(place * FEATURES, (place + 1) * FEATURES), index * FEATURES);
  return {
    inputs,
    ages: Float32Array.from(places, (place) => ages[place]),
    genders: Int32Array.from(places, (place) => genders[place]),
  };
}

function proofOf(step: GraphStep, batch: Batch): Proof {
  const results = [1, 2].map(() => step.step(batch, LEARNING_RATE));
  const [{ ages, genders }] = results; // before the first update
  return { outputs: outputsOf([ages, genders]), losses: results.map(({ ageLoss, genderLoss }) => [ageLoss, genderLoss]) };
}

function outputsOf(outputs: readonly Float32Array[]): number[] {
  return outputs.flatMap((values) => [...values]);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** A product of two square matrices: what this machine's cores do at best through the same engine. */
function openMatMul(): Workload {
  const [a, b] = [1, 2].map((seed) => tf.randomUniform([MATRIX_SIDE, MATRIX_SIDE], -1, 1, 'float32', seed));
  return {
    proof: { outputs: [], losses: [] },
    floatingPointOperations: 2 * MATRIX_SIDE ** 3,
    run: () => tf.dispose(tf.matMul(a, b)),
  };
}
