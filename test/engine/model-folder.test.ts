/** A saved model: the network as any tfjs loads it, in years, and what `predict` answers by it. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { nativeTensorFlow } from '../../lib/base/engine';
import { projectPath } from '../../lib/base/project';
import { encodeHalf } from '../../lib/demo/half';
import { mirror } from '../../lib/images/photo';
import { preprocess } from '../../lib/images/preprocess';
import { buildFaceModel } from '../../lib/model/face-model';
import { openForward } from '../../lib/model/forward';
import { AGE_BINS, type AgeIntervals, intervalYears, quantilesOf } from '../../lib/model/interval';
import { readWeights, writeWeights } from '../../lib/model/layer-weights';
import {
  loadFacts,
  loadModel,
  type ModelFacts,
  readSplitHashes,
  type SaveOptions,
  saveModel,
  withScaledHead,
  writeSplitHashes,
} from '../../lib/model/model-folder';
import { describePrediction } from '../../lib/predict/answer';
import { openPredictor } from '../../lib/predict/open-predictor';
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
  const [ages, genders] = outputsOf(model);
  return { ages, genders };
}

function outputsOf(model: tf.LayersModel): number[][] {
  const pixels = seededPixels(2, 32);
  return tf.tidy(() => (model.predict(tf.tensor4d(pixels, [2, 32, 32, 3])) as tf.Tensor[]).map((output) => [...output.dataSync()]));
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

/** What opens with ONNX Runtime, and where there is none. */
async function withAndWithoutRuntime<T>(open: () => Promise<T>): Promise<T[]> {
  const own = await open();
  process.env.COURSE_ENGINE = 'wasm'; // the engine is open: what is native about it stays
  const fallback = await open();
  delete process.env.COURSE_ENGINE;
  return [own, fallback];
}

test('an age below 0 is answered as 0, by ONNX Runtime and without it', async () => {
  const { target, ages } = await save('negative', {}, -10);
  assert.ok(ages.every((age) => age * SCALE.sdYears + SCALE.meanYears < 0));
  for (const predictor of await withAndWithoutRuntime(() => openPredictor(target))) {
    const predictions = await predictor.predictPixels(seededImages(2, 32));
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

const INTERVALS: AgeIntervals = { coverage: 0.8, calibrationFaces: 9, bands: [{ faces: 9, meanAgeYears: 30, marginYears: 4.5 }] };

/** The network whose age is a distribution, with seeded weights in that head. */
function distributionModel(): tf.LayersModel {
  const { full } = buildFaceModel(32, seededBase(), 'distribution');
  const { 'age_distribution/kernel': kernel } = readWeights(full);
  const values = Float32Array.from(kernel.values, (_, index) => 0.2 * Math.sin(index));
  writeWeights(full, { 'age_distribution/kernel': { shape: kernel.shape, values } });
  return full;
}

test('a saved model whose age is a distribution tells it third: the age is its mean, by ONNX Runtime, without it and by stock tfjs', async () => {
  const full = distributionModel();
  const target = path.join(folder, 'distribution');
  await saveModel(target, { full }, { scale: { meanYears: 0, sdYears: 1 }, facts: FACTS });
  assert.equal(full.outputs.length, 2, 'the network that is trained stays as it is');
  const [ages, genders] = outputsOf(full);
  const stock = await tf.loadLayersModel(nativeTensorFlow().io.fileSystem(path.join(target, 'model.json')));
  const { model } = await loadModel(target);
  for (const loaded of [stock, model]) {
    assert.deepEqual(loaded.outputNames, ['age', 'gender', 'age_distribution']);
    assert.deepEqual(outputsOf(loaded).slice(0, 2), [ages, genders]);
  }
  for (const forward of await withAndWithoutRuntime(() => openForward(model))) {
    const outputs = await forward.run(seededImages(2, 32));
    forward.dispose();
    assert.deepEqual(
      outputs.map(({ length }) => length),
      [2, 4, 2 * AGE_BINS],
    );
    for (const face of [0, 1]) {
      const distribution = outputs[2].subarray(face * AGE_BINS, (face + 1) * AGE_BINS);
      near([distribution.reduce((sum, part) => sum + part)], [1], 1e-5);
      near([distribution.reduce((sum, part, year) => sum + part * year, 0)], [outputs[0][face]], 1e-3);
    }
  }
  await saveModel(path.join(folder, 'again'), { full: model }, { scale: { meanYears: 0, sdYears: 1 }, facts: FACTS });
  for (const file of ['model.json', 'weights.bin']) {
    assert.ok(readFileSync(path.join(folder, 'again', file)).equals(readFileSync(path.join(target, file))), `${file}, saved again`);
  }
  for (const each of [full, stock, model]) each.dispose();
});

test('calibration is kept with the model; an interval is that of the distribution, of the mean one where a picture is averaged with its mirror image', async () => {
  const full = distributionModel();
  const target = path.join(folder, 'calibrated');
  await saveModel(target, { full }, { scale: { meanYears: 0, sdYears: 1 }, facts: { ...FACTS, ageIntervals: INTERVALS } });
  full.dispose();
  assert.deepEqual(loadFacts(target), { ...FACTS, ageIntervals: INTERVALS });

  const { model } = await loadModel(target);
  const forward = await openForward(model);
  const mirrored = seededImages(2, 32);
  mirror(mirrored, 32);
  const [straight, flipped] = await Promise.all([seededImages(2, 32), mirrored].map((images) => forward.run(images)));
  forward.dispose();
  model.dispose();
  const means = straight.map((output, which) => output.map((value, index) => (value + flipped[which][index]) / 2));
  const predictor = await openPredictor(target);
  const { predictions, flipAveraged } = await predictor.predictMirrored(seededImages(2, 32));
  assert.deepEqual(await predictor.predictPixels(seededImages(2, 32)), predictions);
  predictor.dispose();
  for (const [answers, [ages, genders, distributions]] of [
    [predictions, straight],
    [flipAveraged, means],
  ] as const) {
    const quantiles = quantilesOf(ages, distributions);
    assert.deepEqual(
      answers,
      [0, 1].map((face) => ({
        ageYears: ages[face],
        ageIntervalYears: intervalYears(INTERVALS, quantiles[face], ages[face]),
        femaleProbability: genders[2 * face + 1],
      })),
    );
    for (const { ageYears, ageIntervalYears: [low, high] = [1, 0] } of answers) assert.ok(low <= ageYears && ageYears <= high);
  }
});

test('a model of old, without the third output, is read as before: no calibration, no interval; calibrated, one around its age', async () => {
  const target = path.join(folder, 'of-old');
  cpSync(path.join(folder, 'distribution'), target, { recursive: true });
  const file = path.join(target, 'model.json');
  const json = JSON.parse(readFileSync(file, 'utf8'));
  json.modelTopology.config.output_layers.pop();
  writeFileSync(file, JSON.stringify(json));
  const answer = async () => {
    const predictor = await openPredictor(target);
    const [prediction] = await predictor.predictPixels(seededImages(2, 32));
    predictor.dispose();
    return prediction;
  };
  const plain = await answer();
  assert.deepEqual(Object.keys(plain), ['ageYears', 'femaleProbability']);
  assert.match(describePrediction(plain), /^\d+ years \(no interval\), /);
  writeFileSync(file, JSON.stringify({ ...json, userDefinedMetadata: { ...FACTS, ageIntervals: INTERVALS } }));
  const [low, high] = (await answer()).ageIntervalYears ?? [];
  assert.deepEqual([low, high], [Math.ceil(plain.ageYears - 4.5), Math.floor(plain.ageYears + 4.5)]);
});

test('a gender temperature makes a model less or more sure, as far as it says, and changes no answer', async () => {
  const { model } = await loadModel(path.join(folder, 'distribution'));
  const images = seededImages(8, 32);
  const logitsOf = () => {
    const [, genders] = tf
      .tidy(() => model.predictOnBatch(tf.tensor4d(preprocess(images), [8, 32, 32, 3])) as tf.Tensor[])
      .map((output) => output.dataSync());
    return Array.from({ length: 8 }, (_, face) => Math.log(genders[2 * face + 1] / genders[2 * face]));
  };
  const before = logitsOf();
  writeWeights(model, withScaledHead(readWeights(model), 'gender', 1 / 2));
  for (const [face, logit] of logitsOf().entries()) assert.ok(Math.abs(2 * logit - before[face]) < 1e-3, `${logit}, ${before[face]}`);
  model.dispose();
});

test('which faces calibrated is kept beside the sides; folders of old name none', async () => {
  const sides = { training: ['a'.repeat(64)], validation: ['b'.repeat(64), 'c'.repeat(64)] };
  await writeSplitHashes(folder, { ...sides, calibration: ['c'.repeat(64)] });
  assert.deepEqual(readSplitHashes(folder).calibration, ['c'.repeat(12)]);
  const file = path.join(folder, 'split-hashes.json');
  const { calibration: _, ...old } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(old));
  assert.deepEqual(readSplitHashes(folder), { training: ['a'.repeat(12)], validation: ['b'.repeat(12), 'c'.repeat(12)], calibration: [] });
});
