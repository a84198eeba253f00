/**
 * A trained network as a stock tfjs LayersModel folder (`model.json`, `weights.bin`), which any tfjs loads, a browser
 * included. Its age output is in years whatever unit it was trained in: the scale is folded into the head's weights.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { openRuntime } from '../base/engine';
import { InputError, messageOf } from '../base/errors';
import { readJson, writeFileAtomically } from '../base/files';
import { type Gender, HASH_DIGITS, shortHash } from '../data/record';
import { weightsOf } from '../graph/network';
import { AGE_DISTRIBUTION, type FaceModel } from './face-model';
import type { AgeIntervals } from './interval';
import { readWeights, writeWeights } from './layer-weights';
import { readLayersFolder, readModelJson } from './layers-folder';
import { type NamedWeight, type NamedWeights, requireWeights } from './weights';

/** What a model folder says of itself, under `userDefinedMetadata` of model.json. */
export interface ModelFacts {
  readonly sizePx: number;
  /** The constant answers that the training side gives: what a prediction is held against. Models of old lack the median: the mean stands for it. */
  readonly baseline: { readonly meanAgeYears: number; readonly medianAgeYears: number; readonly majorityGender: Gender };
  /** Where it comes from: run, data, weights, code. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** What makes an interval of an answer; absent in models of old, and where too few faces were there to calibrate it. */
  readonly ageIntervals?: AgeIntervals;
  /** What the gender's logits were divided by once the model was trained, so that it is as sure as it is right; absent where nothing was. */
  readonly genderTemperature?: number;
}

export interface SavedModel {
  readonly facts: ModelFacts;
  /** Pixels in [-1, 1] to age in years `[b, 1]`, gender probabilities `[b, 2]` and, of heads that have one, `age_distribution` `[b, 117]`. The caller disposes it. */
  readonly model: tf.LayersModel;
}

export interface SaveOptions {
  /** Ages as the head learned them; in years if not given. */
  readonly scale?: { readonly meanYears: number; readonly sdYears: number };
  readonly facts: ModelFacts;
  /** Packs kernels at half precision: half the size, predictions equal to about three digits. Biases stay whole. */
  readonly float16?: (values: Float32Array) => Uint8Array;
}

/** Writes `folder`/model.json and weights.bin, each atomically. */
export async function saveModel(folder: string, { full }: Pick<FaceModel, 'full'>, options: SaveOptions): Promise<void> {
  const weights = inYears(readWeights(full), options.scale);
  const manifest = Object.entries(weights).map(([name, { shape, values }]) => {
    const half = shape.length > 1 ? options.float16 : undefined;
    return {
      entry: { name, shape, dtype: 'float32', ...(half ? { quantization: { dtype: 'float16' } } : {}) },
      bytes: half ? half(values) : new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    };
  });
  const model = {
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version_layers}`,
    modelTopology: withDistribution(full).toJSON(null, false),
    weightsManifest: [{ paths: ['weights.bin'], weights: manifest.map(({ entry }) => entry) }],
    userDefinedMetadata: options.facts,
  };
  await writeFileAtomically(path.join(folder, 'weights.bin'), Buffer.concat(manifest.map(({ bytes }) => bytes)));
  await writeFileAtomically(path.join(folder, 'model.json'), `${JSON.stringify(model)}\n`);
}

/** The network as it is saved: it tells the distribution that its age is the mean of. The layers are shared. */
function withDistribution(full: tf.LayersModel): tf.LayersModel {
  const bins = full.outputs[0].inputs.find(({ sourceLayer }) => sourceLayer.name === AGE_DISTRIBUTION);
  if (!bins || full.outputs.includes(bins)) return full;
  return tf.model({ inputs: full.inputs, outputs: [...full.outputs, bins], name: full.name });
}

/** What a model folder says of itself, without building the network. Throws an InputError where it is no model of this course. */
export function loadFacts(folder: string): ModelFacts {
  const facts = readModelJson(folder, EXPECTED).userDefinedMetadata as Partial<ModelFacts> | undefined;
  const { sizePx, baseline, provenance = {} } = facts ?? {};
  if (typeof sizePx !== 'number' || !baseline) {
    throw new InputError(`${path.join(folder, 'model.json')}: not a model of this course (no userDefinedMetadata.sizePx). ${EXPECTED}`);
  }
  const medianAgeYears = baseline.medianAgeYears ?? baseline.meanAgeYears;
  return { ...facts, sizePx, baseline: { ...baseline, medianAgeYears }, provenance };
}

/** Loads a model that `saveModel` wrote. Throws an InputError naming what is missing or of the wrong shape. */
export async function loadModel(folder: string): Promise<SavedModel> {
  const facts = loadFacts(folder);
  const stored = await readLayersFolder(folder);
  await openRuntime();
  const topology = readModelJson(folder).modelTopology as Parameters<typeof tf.models.modelFromJSON>[0];
  const model = await tf.models.modelFromJSON(topology).catch((error) => {
    throw new InputError(`${path.join(folder, 'model.json')}: its layers cannot be built (${messageOf(error)}). Copy the folder again.`);
  });
  const shapes = Object.fromEntries(model.layers.flatMap(weightsOf).map(({ name, shape }) => [name, shape]));
  writeWeights(model, requireWeights(stored, shapes, folder));
  return { facts, model };
}

const EXPECTED = 'Expected the model/ folder of a run, or data/model.';

function inYears(weights: NamedWeights, { meanYears, sdYears } = { meanYears: 0, sdYears: 1 }): NamedWeights {
  return meanYears === 0 && sdYears === 1 ? weights : withScaledHead(weights, 'age', sdYears, meanYears);
}

/** A head's linear answers times a factor, and more by a shift: exact, for (w·x + b) · f + s = (w · f)·x + (b · f + s). */
export function withScaledHead(weights: NamedWeights, head: 'age' | 'gender', factor: number, shift = 0): NamedWeights {
  const [kernel, bias] = [`${head}/kernel`, `${head}/bias`];
  const scaled = ({ shape, values }: NamedWeight, added: number) => ({ shape, values: values.map((value) => value * factor + added) });
  return { ...weights, [kernel]: scaled(weights[kernel], 0), [bias]: scaled(weights[bias], shift) };
}

/**
 * Which images a model learned from, and which were kept apart, by content hash: what `evaluate` needs to score the same
 * validation side again, and to notice when it is shown training images.
 */
export interface SplitHashes {
  readonly training: readonly string[];
  readonly validation: readonly string[];
  /** Those of the validation side that calibrated the model's intervals, and cannot judge them. */
  readonly calibration?: readonly string[];
}

export async function writeSplitHashes(modelFolder: string, { training, validation, calibration = [] }: SplitHashes): Promise<void> {
  const join = (all: readonly string[]) => all.map(shortHash).join('');
  const content = { digits: HASH_DIGITS, training: join(training), validation: join(validation), calibration: join(calibration) };
  await writeFileAtomically(path.join(modelFolder, 'split-hashes.json'), `${JSON.stringify(content)}\n`);
}

/** Short hashes of both sides, and of what calibrated. Throws an InputError where the model folder has none. */
export function readSplitHashes(modelFolder: string): Required<SplitHashes> {
  const file = path.join(modelFolder, 'split-hashes.json');
  if (!existsSync(file)) throw new InputError(`${file}: missing. ${EXPECTED}`);
  const { training, validation, calibration = '' } = readJson<{ [Side in keyof SplitHashes]: string }>(file);
  const split = (all: string) =>
    Array.from({ length: all.length / HASH_DIGITS }, (_, index) => all.slice(index * HASH_DIGITS, (index + 1) * HASH_DIGITS));
  return { training: split(training), validation: split(validation), calibration: split(calibration) };
}
