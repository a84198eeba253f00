import { statSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../../base/errors';
import { writeFileAtomically } from '../../base/files';
import { projectPath } from '../../base/project';
import { UTKFACE } from '../../faces/frame';
import { PREPROCESSING } from '../../images/preprocess';
import { kerasFileOf } from '../../model/keras-file';
import { loadModel, type SavedModel, saveModel } from '../../model/model-folder';
import { onnxOf } from '../../model/onnx';
import type { Provenance } from '../../run/provenance';
import { bytesIn, sizeText } from '../disk';
import type { Command } from './command';
import { RUN_OPTION, requireRun } from './runs';

/** How each is loaded and asked: in Python, but for tfjs. */
const LOADING: Readonly<Record<string, string>> = {
  onnx: 'import numpy, onnxruntime\nsession = onnxruntime.InferenceSession(PATH)\nprint(session.run(None, {"pixels": numpy.zeros([1, SIZE, SIZE, 3], "uint8")}))',
  keras: 'import keras, numpy\nmodel = keras.saving.load_model(PATH)\nprint(model(numpy.zeros([1, SIZE, SIZE, 3], "uint8")))',
  tfjs: 'const tf = require("@tensorflow/tfjs-node");\nconst loading = tf.loadLayersModel("file://" + PATH + "/model.json");\nloading.then((model) => tf.print(model.predict(tf.zeros([1, SIZE, SIZE, 3]))));',
};

export const command: Command = {
  summary: 'Writes a model for other runtimes: an ONNX file, a Keras file or a tfjs folder. An earlier export is replaced.',
  options: {
    run: RUN_OPTION,
    model: { type: 'string', value: 'folder', help: 'a model folder instead, such as data/model; it goes to outputs/export' },
    format: { type: 'string', value: 'which', help: 'onnx (default), keras or tfjs' },
    out: { type: 'string', value: 'path', help: 'where to (default: outputs/<run>/export/<run>.<format>)' },
  },
  needs: 'nothing',
  async run(args) {
    const format = args.text('format') ?? 'onnx';
    if (!Object.hasOwn(LOADING, format)) throw new UsageError(`--format ${format}: expected onnx, keras or tfjs.`);
    const given = args.path('model');
    const run = given === undefined ? requireRun(args.text('run')) : { name: 'model', folder: projectPath('outputs') };
    const { facts, model } = await loadModel(given ?? path.join(run.folder, 'model'));
    const target = args.path('out') ?? path.join(run.folder, 'export', `${path.basename(run.name)}.${format}`);
    const isOfOtherKind = statSync(target, { throwIfNoEntry: false })?.isDirectory() === (format !== 'tfjs');
    if (isOfOtherKind || (format === 'keras' && !target.endsWith('.keras')))
      throw new UsageError(`--out ${target}: expected a file for onnx, one that ends in .keras for keras, a folder for tfjs.`);
    const input = format === 'tfjs' ? `float32, scaled already: ${PREPROCESSING}` : `uint8, scaled inside: ${PREPROCESSING}`;
    const notes = notesOf({ facts, model }, input);
    if (format === 'tfjs') await saveModel(target, { full: model }, { facts: Object.assign({ notes }, facts) });
    else await writeFileAtomically(target, format === 'onnx' ? onnxOf(model, notes) : await kerasFileOf(model, notes));
    const lines = LOADING[format].replace(/PATH|SIZE/g, (word) => (word === 'PATH' ? JSON.stringify(target) : `${facts.sizePx}`));
    process.stdout.write(`${target}: ${sizeText(bytesIn(target))}. To load it:\n\n${lines}\n`);
  },
};

/** What somebody has to know who is handed a model and nothing else: texts, as ONNX keeps them. `input` says which pixels it takes. */
export function notesOf({ facts: { sizePx, ageIntervals, provenance }, model }: SavedModel, input: string): Record<string, string> {
  const { data, weights } = provenance as Partial<Provenance>;
  const photos = weights?.kind === 'bundled' ? 'UTKFace, by its first weights' : data?.kind !== 'drawn' && (data?.label ?? 'unknown');
  const terms = photos ? `as the terms of its photos (${photos}) allow: UTKFace's, non-commercial research only` : 'MIT';
  const ages = model.outputs.length > 2 ? '; age_distribution: probabilities of the ages 0, 1, … 116 years, of which age is the mean' : '';
  return {
    size_px: `${sizePx}`,
    input: `RGB, ${input}`,
    framing: `as UTKFace has it: one upright face, eyes and mouth at ${JSON.stringify(UTKFACE)}, x and y in parts of the square's side`,
    outputs: `age: years; gender: probabilities of 0 male and 1 female, perceived, binary, as annotated${ages}`,
    age_intervals: JSON.stringify(ageIntervals ?? null),
    licence: `${terms}. Contains weights derived from TensorFlow's MobileNetV2, Copyright The TensorFlow Authors, Apache License 2.0`,
    provenance: JSON.stringify(provenance),
  };
}
