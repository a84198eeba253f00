/** A saved model: the network as any tfjs loads it, in years, and what `predict` answers by it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { encodeHalf } from '../../data/model/half';
import { nativeTensorFlow } from '../../lib/base/engine';
import { projectPath } from '../../lib/base/project';
import { buildFaceModel } from '../../lib/model/face-model';
import { writeWeights } from '../../lib/model/layer-weights';
import { loadFacts, loadModel, type ModelFacts, type SaveOptions, saveModel } from '../../lib/model/model-folder';
import { openPredictor } from '../../lib/predict';
import { openNativeEngine } from '../native-engine';
import { seededBase, seededHeads, seededImages, seededPixels } from '../reference/seeded-weights';

const FACTS: ModelFacts = { sizePx: 32, baseline: { meanAgeYears: 33, medianAgeYears: 29, majorityGender: 0 }, provenance: {} };
const SCALE = { meanYears: 30, sdYears: 20 };

let folder = '';
before(async () => {
  await openNativeEngine();
  folder = mkdtempSync(path.join(os.tmpdir(), 'model-'));
});
after(() => rmSync(folder, { recursive: true }));

/** The network with the given bias of its age unit, saved; returns where, and its answers to two images in the head's unit. */
async function save(name: string, options: Partial<SaveOptions>, ageBias = 0) {
  const { full } = buildFaceModel(32, seededBase());
  writeWeights(full, { ...seededHeads(), 'age/bias': { shape: [1], values: Float32Array.of(ageBias) } });
  const answers = answersOf(full);
  const target = path.join(folder, name);
  await saveModel(target, { full }, { scale: SCALE, facts: FACTS, ...options });
  full.dispose();
  return { target, ...answers };
}

function answersOf(model: tf.LayersModel) {
  const [ages, genders] = tf.tidy(() =>
    (model.predict(tf.tensor4d(seededPixels(2, 32), [2, 32, 32, 3])) as tf.Tensor[]).map((output) => [...output.dataSync()]),
  );
  return { ages, genders };
}

function near(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [index, value] of expected.entries()) assert.ok(Math.abs(actual[index] - value) <= tolerance, `${actual[index]}, ${value}`);
}

for (const [name, options, tolerance] of [
  ['whole', {}, 1e-4],
  ['half', { float16: encodeHalf }, 0.05],
] as const) {
  test(`saved at ${name} precision, tfjs alone loads the network, and its ages are years`, async () => {
    const { target, ages, genders } = await save(name, options);
    const years = ages.map((age) => age * SCALE.sdYears + SCALE.meanYears);
    const stock = await tf.loadLayersModel(nativeTensorFlow().io.fileSystem(path.join(target, 'model.json')));
    const { model, facts } = await loadModel(target);
    assert.deepEqual(facts, FACTS);
    for (const loaded of [stock, model]) {
      const answers = answersOf(loaded);
      near(answers.ages, years, 20 * tolerance);
      near(answers.genders, genders, tolerance);
      loaded.dispose();
    }
  });
}

test('an age below 0 is answered as 0, by the graph and by the layers alone', async () => {
  const { target, ages } = await save('negative', {}, -10);
  assert.ok(ages.every((age) => age * SCALE.sdYears + SCALE.meanYears < 0));
  for (const expectedRuns of [1, undefined]) {
    const predictor = await openPredictor(target, expectedRuns);
    const predictions = predictor.predictPixels(seededImages(2, 32));
    predictor.dispose();
    assert.deepEqual(
      predictions.map(({ ageYears }) => ageYears),
      [0, 0],
    );
  }
});

test("the model that comes with the course tells its training side's median; for one of old the mean stands in", async () => {
  const { meanAgeYears, medianAgeYears } = loadFacts(projectPath('data', 'model')).baseline;
  assert.deepEqual([Math.round(meanAgeYears), medianAgeYears], [33, 29]);
  const { target } = await save('old', {});
  const file = path.join(target, 'model.json');
  const { userDefinedMetadata, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  delete userDefinedMetadata.baseline.medianAgeYears;
  writeFileSync(file, JSON.stringify({ ...rest, userDefinedMetadata }));
  assert.equal(loadFacts(target).baseline.medianAgeYears, 33);
});
