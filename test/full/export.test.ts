/** On UTKFace: ONNX Runtime and Keras, each in a Python environment of its own, answer from an exported file what Node answers. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openEngine } from '../../lib/base/engine';
import { terminalProgress } from '../../lib/base/progress';
import { projectPath, projectRoot } from '../../lib/base/project';
import { buildCatalog } from '../../lib/data/catalog';
import { openSource } from '../../lib/data/source';
import { decodeRgb } from '../../lib/images/decode';
import { buildFaceModel } from '../../lib/model/face-model';
import { openForward } from '../../lib/model/forward';
import { readWeights, writeWeights } from '../../lib/model/layer-weights';
import { mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { loadFacts, loadModel, saveModel } from '../../lib/model/model-folder';
import { requireWeights } from '../../lib/model/weights';
import { runCommand, succeeded } from '../command';
import { ensurePythonWith } from '../python-venv';
import { seededHeads } from '../reference/seeded-weights';

const FACES = 200;
/** Absolute: of probabilities, and of years. */
const TOLERANCE = 1e-4;
const bundled = projectPath('data', 'model');
const data = process.env.COURSE_FULL_DATA ?? '';
let folder = '';
let pixels: Buffer;

before(async () => {
  assert.ok(data, 'COURSE_FULL_DATA: npm run test:full sets it');
  await openEngine();
  folder = mkdtempSync(path.join(os.tmpdir(), 'export-full-'));
  const { usable, source } = await buildCatalog(await openSource(data));
  const step = Math.floor(usable.length / FACES);
  const { sizePx } = loadFacts(bundled);
  const faces = Array.from({ length: FACES }, (_, index) => path.join(source.folder, usable[index * step].file));
  pixels = Buffer.concat(await Promise.all(faces.map((file) => decodeRgb(file, sizePx))));
  writeFileSync(path.join(folder, 'pixels'), pixels);
});
after(() => rmSync(folder, { recursive: true }));

/** The bundled network with an age of one linear unit, in years, as `classic` trains it. */
async function saveLinear(): Promise<string> {
  const { facts, model } = await loadModel(bundled);
  const linear = buildFaceModel(facts.sizePx, requireWeights(readWeights(model), mobileNetV2Shapes(), bundled));
  writeWeights(linear.full, seededHeads());
  const target = path.join(folder, 'linear');
  await saveModel(target, linear, { facts, scale: { meanYears: 33, sdYears: 20 } });
  model.dispose();
  linear.full.dispose();
  return target;
}

async function answersOf(modelFolder: string): Promise<Record<string, Float32Array>> {
  const { model, facts } = await loadModel(modelFolder);
  const forward = await openForward(model);
  const bytes = 32 * 3 * facts.sizePx ** 2;
  const batches: Float32Array[][] = [];
  for (let from = 0; from < pixels.length; from += bytes) batches.push(await forward.run(pixels.subarray(from, from + bytes)));
  const answers = model.outputNames.map((name, index) => [name, Float32Array.from(batches.flatMap((batch) => [...batch[index]]))]);
  forward.dispose();
  model.dispose();
  return Object.fromEntries(answers);
}

for (const [head, outputs, modelOf] of [
  ['a distribution', ['age', 'gender', 'age_distribution'], async () => bundled],
  ['one linear unit', ['age', 'gender'], saveLinear],
] as const) {
  for (const format of ['onnx', 'keras']) {
    test(`in Python the ${format} file of a model whose age is ${head} answers what Node answers, and says what it is`, async (context) => {
      const python = await ensurePythonWith(format, terminalProgress());
      const source = await modelOf();
      const target = path.join(folder, `${outputs.length}.${format}`);
      succeeded(runCommand(['export', '--model', source, '--format', format, '--out', target]));
      const made = path.join(folder, `${outputs.length}-${format}`);
      mkdirSync(made);
      const { sizePx, ageIntervals } = loadFacts(source);
      const words = ['test/full/ask_export.py', target, path.join(folder, 'pixels'), `${sizePx}`, made];
      execFileSync(python, words, { cwd: projectRoot(), stdio: ['ignore', 'ignore', 'inherit'] });

      const expected = await answersOf(source);
      assert.deepEqual(Object.keys(expected), outputs);
      for (const name of outputs) {
        const { buffer, byteOffset, byteLength } = readFileSync(path.join(made, `${name}.f32`));
        const read = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
        assert.equal(read.length, expected[name].length);
        const worst = read.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[name][index])), 0);
        context.diagnostic(`${name}: ${worst.toExponential(1)} apart at most, of ${expected[name].reduce((a, b) => Math.max(a, b))}`);
        assert.ok(worst <= TOLERANCE, `${name} differs by ${worst}`);
      }
      const notes = JSON.parse(readFileSync(path.join(made, 'notes.json'), 'utf8'));
      assert.equal(notes.size_px, `${sizePx}`);
      assert.match(notes.input, /^RGB, uint8, scaled inside/);
      assert.deepEqual(JSON.parse(notes.age_intervals), ageIntervals);
      assert.match(notes.licence, /non-commercial research only/);
    });
  }
}
