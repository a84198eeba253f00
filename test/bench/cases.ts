/** What is measured, of whom: the benchmark's cases, their names, and which of them a quick look takes. */

import { InputError } from '../../lib/base/errors';
import type { Trainable } from '../../lib/config';

/** This project; tfjs-node's own layers; Keras's MobileNetV2 as people use it; Keras on the network that we use, BatchNorm folded. */
export const SUBJECTS = ['ours', 'stock', 'keras', 'keras-folded'] as const;

/**
 * What runs a network that learns no more: this project through onnxruntime-node, and a TensorFlow graph with the weights as constants,
 * both in Node; ONNX Runtime and OpenVINO in Python, on the same network as an ONNX file; and the others. openvino-node is not among
 * them, nor in the product, because it fetches its libraries in an install script, which no lock file holds to a hash.
 */
export const RUNTIMES = ['ours', 'graph', 'stock', 'onnxruntime', 'openvino', 'openvino-bf16', 'keras', 'keras-folded'] as const;
export type SubjectName = (typeof RUNTIMES)[number];

export type CaseName =
  | 'forward'
  | 'train-heads'
  | 'train-last-3-blocks'
  | 'train-all'
  | 'frozen-epochs'
  | 'frozen-epochs-cached'
  | 'head-epochs';

export interface BenchCase {
  readonly name: CaseName;
  readonly sizePx: number;
  readonly batch: number;
  readonly subjects: readonly SubjectName[];
}

/** Passes over the data in the cases of frozen epochs, and the images in it. */
export const EPOCHS = 10;
export const EPOCH_IMAGES = 2000;

const BATCH = 32;
const WITHOUT_STOCK: readonly SubjectName[] = ['ours', 'keras', 'keras-folded'];

const forward = (sizePx: number, batch: number): BenchCase => ({ name: 'forward', sizePx, batch, subjects: RUNTIMES });
const train = (name: CaseName, sizePx: number): BenchCase => ({ name, sizePx, batch: BATCH, subjects: SUBJECTS });
const epochs = (name: CaseName): BenchCase => ({ name, sizePx: 128, batch: BATCH, subjects: WITHOUT_STOCK });

/** In the order in which they are measured; those that a quick look takes come first. */
export const ALL_CASES: readonly BenchCase[] = [
  train('train-all', 128),
  forward(128, BATCH),
  forward(128, 1),
  train('train-heads', 128),
  epochs('head-epochs'),
  train('train-all', 224),
  train('train-last-3-blocks', 128),
  train('train-last-3-blocks', 224),
  train('train-heads', 224),
  forward(224, BATCH),
  forward(224, 1),
  epochs('frozen-epochs-cached'),
  epochs('frozen-epochs'),
];

/** How many of them a quick look tries, as far as its time goes. */
export const QUICK_CASES = 6;

/** Where Keras is tried under XLA: one case of each kind. */
export const XLA_CASES: readonly BenchCase[] = ALL_CASES.slice(0, 2);

/** The cases of the names given, of whatever size and batch; all where none is given. @throws InputError for a name that none has */
export function casesNamed(names: readonly string[]): readonly BenchCase[] {
  const known = new Set<string>(ALL_CASES.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw new InputError(`--cases ${unknown}: no such case. Expected some of ${[...known].join(', ')}.`);
  return names.length === 0 ? ALL_CASES : ALL_CASES.filter(({ name }) => names.includes(name));
}

/** About how long a case of a quick look takes, in units of the first one. */
export function relativeCost({ name, sizePx }: BenchCase): number {
  if (name === 'train-all') return sizePx > 128 ? 1.9 : 1;
  return name === 'train-heads' ? 0.7 : 0.45;
}

/** What of the network a training case trains. */
export function trainableOf(name: CaseName): Trainable {
  if (name === 'train-all') return 'all';
  return name === 'train-last-3-blocks' ? 'last 3 blocks' : 'heads';
}

/** Whether the case's images all go through the frozen base. */
export function isFrozen(name: CaseName): boolean {
  return name === 'frozen-epochs' || name === 'frozen-epochs-cached';
}

/** Whether one run of the case is `EPOCHS` passes over `EPOCH_IMAGES` images rather than one batch. */
export function isEpochs(name: CaseName): boolean {
  return isFrozen(name) || name === 'head-epochs';
}

const TITLES: Readonly<Record<CaseName, string>> = {
  forward: 'Forward pass',
  'train-heads': 'Training step, heads',
  'train-last-3-blocks': 'Training step, last 3 blocks',
  'train-all': 'Training step, whole network',
  'frozen-epochs': 'Ten frozen epochs, Keras through the base',
  'frozen-epochs-cached': 'Ten frozen epochs, features made once',
  'head-epochs': 'Ten head epochs, given features',
};

/** "Training step, whole network, 128 px, batch 32". */
export function caseTitle({ name, sizePx, batch }: Pick<BenchCase, 'name' | 'sizePx' | 'batch'>): string {
  return `${TITLES[name]}, ${name === 'head-epochs' ? '' : `${sizePx} px, `}batch ${batch}`;
}

/** What a subject is called in tables and figures. */
export const SUBJECT_TITLES: Readonly<Record<SubjectName, string>> = {
  ours: 'this project',
  graph: 'TensorFlow graph',
  stock: 'tfjs-node layers',
  onnxruntime: 'ONNX Runtime, Python',
  openvino: 'OpenVINO, Python',
  'openvino-bf16': 'OpenVINO, bfloat16',
  keras: 'Keras MobileNetV2',
  'keras-folded': 'Keras, BN folded',
};
