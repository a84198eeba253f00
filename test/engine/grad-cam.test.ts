/** Where a network looks: Grad-CAM held against tfjs's own gradients through the tail of real networks, and as the course shows it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { writeDrawnFaces } from '../../data/drawn/drawn';
import { projectPath } from '../../lib/base/project';
import { CourseRun } from '../../lib/course/course-run';
import { TrainedModel } from '../../lib/course/trained-model';
import { buildCatalog } from '../../lib/data/catalog';
import { openSource } from '../../lib/data/source';
import { openGradCam } from '../../lib/evaluation/grad-cam';
import { GraphBuilder } from '../../lib/graph/builder';
import { writeLayers } from '../../lib/graph/layers';
import { GraphSession } from '../../lib/graph/session';
import { Tape } from '../../lib/graph/tape';
import { preprocess } from '../../lib/images/preprocess';
import { buildFaceModel } from '../../lib/model/face-model';
import type { Question } from '../../lib/model/feature-map';
import { readWeights, writeWeights } from '../../lib/model/layer-weights';
import { loadModel, saveModel } from '../../lib/model/model-folder';
import { openPredictor } from '../../lib/predict/open-predictor';
import { PRESETS } from '../../lib/presets';
import { sampleFace, temporaryFolder } from '../files';
import { openNativeEngine } from '../native-engine';
import { seededBase, seededHeads, seededImages } from '../reference/seeded-weights';

const BUNDLED = projectPath('data', 'model');
const QUESTIONS: readonly Question[] = ['age', 'gender'];
/** A fresh network as preset classic has it, with one linear unit for age. */
let classic = '';

before(async () => {
  await openNativeEngine();
  classic = mkdtempSync(path.join(os.tmpdir(), 'faces-test-'));
  const { full } = buildFaceModel(64, seededBase());
  writeWeights(full, seededHeads());
  const baseline = { meanAgeYears: 33, medianAgeYears: 29, majorityGender: 0 } as const;
  await saveModel(classic, { full }, { scale: { meanYears: 30, sdYears: 20 }, facts: { sizePx: 64, baseline, provenance: {} } });
  full.dispose();
});
after(() => rmSync(classic, { recursive: true }));

/** Pictures for a model: one of a face, the others of nothing. */
async function picturesOf(sizePx: number): Promise<Uint8Array> {
  const face = await sharp(await sampleFace(sizePx))
    .raw()
    .toBuffer();
  return Buffer.concat([face, seededImages(2, sizePx)]);
}

test('places are weighted as the paper says, by gradients through the tail of the network itself', async () => {
  for (const folder of [BUNDLED, classic]) {
    const cam = await openGradCam(folder);
    const { model } = await loadModel(folder);
    const pixels = await picturesOf(cam.sizePx);
    const before = tf.memory().numTensors;
    for (const question of QUESTIONS) {
      const looks = await cam.look(question, pixels);
      const expected = tf.tidy(() => mapsByPaper(model, question, pixels, cam.sizePx));
      const most = Math.max(...expected.maps.map(Math.abs));
      assert.ok(most > 1e-3, `${folder}: a map of nothing shows nothing`);
      for (const [index, value] of looks.flatMap(({ places }) => places).entries()) {
        assert.ok(
          Math.abs(value - expected.maps[index]) < 1e-3 * most,
          `${folder}, ${question}: ${value}, by tfjs ${expected.maps[index]}`,
        );
      }
      for (const [index, { answer }] of looks.entries()) assert.ok(Math.abs(answer - expected.answers[index]) < 1e-3);
    }
    assert.equal(tf.memory().numTensors, before, 'nothing is left in the engine');
    cam.dispose();
    model.dispose();
  }
});

/** Equations 1 and 2 word for word: weights are means of the gradient over the places of the map; without the ReLU. */
function mapsByPaper(model: tf.LayersModel, question: Question, pixels: Uint8Array, sizePx: number) {
  const count = pixels.length / (3 * sizePx ** 2);
  const base = tf.model({ inputs: model.inputs, outputs: model.getLayer('Conv_1_relu6').output });
  const map = base.apply(tf.tensor(preprocess(pixels), [count, sizePx, sizePx, 3])) as tf.Tensor4D;
  const layer = (name: string, x: tf.Tensor) => model.getLayer(name).apply(x) as tf.Tensor;
  const hasDistribution = model.outputs.length === 3;
  const answer = (x: tf.Tensor): tf.Tensor => {
    const features = layer('global_average_pooling', x);
    if (question === 'age') return layer('age', hasDistribution ? layer('age_distribution', features) : features);
    const [kernel, bias] = model.getLayer('gender').getWeights();
    const logits = features.matMul(kernel).add(bias);
    return logits.matMul(tf.tensor2d([[-1], [1]]));
  };
  const gradients = tf.grad((x) => answer(x).sum())(map);
  const weights = gradients.mean([1, 2], true);
  return { maps: Array.from(map.mul(weights).sum(3).dataSync()), answers: Array.from(answer(map).dataSync()) };
}

test('on linear heads the places and the bias add up to the answer, which is what the model predicts', async () => {
  const cam = await openGradCam(classic);
  const predictor = await openPredictor(classic);
  const pixels = await picturesOf(cam.sizePx);
  const { model } = await loadModel(classic);
  const { 'age/bias': age, 'gender/bias': gender } = readWeights(model);
  const predictions = await predictor.predictPixels(pixels);
  const [ages, genders] = await Promise.all(QUESTIONS.map((question) => cam.look(question, pixels)));
  for (const [index, { ageYears, femaleProbability }] of predictions.entries()) {
    const sum = ({ places }: (typeof ages)[number]) => places.reduce((total, place) => total + place, 0);
    assert.ok(Math.abs(sum(ages[index]) + age.values[0] - ages[index].answer) < 1e-2);
    assert.ok(Math.abs(sum(genders[index]) + gender.values[1] - gender.values[0] - genders[index].answer) < 1e-3);
    assert.ok(Math.abs(Math.max(0, ages[index].answer) - ageYears) < 1e-2);
    assert.ok(Math.abs(genders[index].answer - Math.log(femaleProbability / (1 - femaleProbability))) < 1e-2);
  }
  cam.dispose();
  predictor.dispose();
  model.dispose();
});

test('a map comes out whole where a batch goes through the network in parts', async () => {
  const { full } = buildFaceModel(32, seededBase());
  const base = tf.model({ inputs: full.inputs, outputs: full.getLayer('Conv_1_relu6').output });
  const weights = readWeights(base);
  const [whole, inParts] = [1, 2].map((parts) => {
    const graph = new GraphBuilder();
    const hold = (name: string, shape: readonly number[]) => ({ shape, value: graph.floats(weights[name].values, shape, { name }) });
    const { input, outputs } = writeLayers(new Tape(graph), base, hold, parts);
    const session = new GraphSession(graph.nodes);
    const [map] = session.run([{ name: input, shape: [4, 32, 32, 3], values: seededImages(4, 32) }], [...outputs.values()]);
    session.dispose();
    return map;
  });
  assert.equal(whole.length, 4 * 1280);
  assert.equal(inParts.length, whole.length);
  for (const [at, value] of inParts.entries()) assert.ok(Math.abs(value - whole[at]) < 1e-4);
  full.dispose();
});

test('the course shows maps, what hiding does, and the worst mistakes, of drawn faces as of photos', async (context) => {
  const [folder, cacheFolder] = [path.join(temporaryFolder(context), 'drawn'), temporaryFolder(context)];
  await writeDrawnFaces(folder, { seed: 1, count: 40 });
  const catalog = await buildCatalog(await openSource(folder), { cacheFolder });
  const split = { training: catalog.records, validation: catalog.records };
  const pretrained = { kind: 'imagenet', label: '', sha256: '', folder: '', weights: {} } as const;
  const data = { name: 'drawn', folder, config: PRESETS.demo, split, pretrained };
  const predictor = await openPredictor();
  const asKind = (kind: 'drawn' | 'folder') => {
    const run = new CourseRun({ ...data, catalog: { ...catalog, source: { ...catalog.source, kind } } });
    return new TrainedModel(run, BUNDLED, 'the model that comes with the course', predictor);
  };
  const drawn = asKind('drawn');
  const scored = await Promise.all(
    catalog.records.slice(0, 12).map(async (record) => {
      const size = predictor.facts.sizePx;
      const pixels = await sharp(path.join(folder, record.file)).resize(size, size).raw().toBuffer();
      const [prediction] = await predictor.predictPixels(pixels);
      return { record, prediction, flipAveraged: prediction };
    }),
  );
  const shown = await drawn.whereItLooks(scored.slice(0, 2));
  const [, picture = ''] = /base64,([^"]+)/.exec(shown) ?? [];
  const maps = shown.replaceAll(/base64,[^"]+/g, '');
  const { width, height, format } = await sharp(Buffer.from(picture, 'base64')).metadata();
  assert.deepEqual([format, width, height], ['jpeg', 780, 260]);
  assert.match(maps, /places add .* \(age in years\), .* \(log-odds of female\)/);
  assert.match(maps, /class="drawn"/);
  assert.doesNotMatch(maps, /data-photo|NaN/);
  assert.equal((await asKind('folder').whereItLooks(scored.slice(0, 2))).match(/data-photo/g)?.length, 2);

  const hiding = await drawn.hideWhereItLooks(scored);
  assert.match(
    hiding,
    /Hiding where the map points moves the age in years by \d+\.\d, hiding as much anywhere by \d+\.\d: the map|that may/,
  );
  assert.equal(await drawn.hideWhereItLooks(scored), hiding, 'the same seed hides the same places');

  const wrong = scored.filter(({ record, prediction }) => prediction.femaleProbability > 0.5 !== (record.gender === 1)).length;
  const worst = await asKind('folder').worstMistakes(scored, 3);
  assert.equal(worst.match(/<figure class="photo" data-photo/g)?.length, 3 + Math.min(3, wrong));
  drawn.dispose();
});
