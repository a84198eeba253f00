/**
 * With Keras itself, in an environment of its own: the committed reference numbers are made again, and Keras writes real
 * weight files of the whole network, which must be read back to what Keras computes. COURSE_FULL_WEIGHTS may name
 * ImageNet weights, a tfjs folder; without it seeded ones are used.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { openEngine } from '../../lib/base/engine';
import { terminalProgress } from '../../lib/base/progress';
import { projectRoot } from '../../lib/base/project';
import { writeWeights } from '../../lib/model/layer-weights';
import { buildMobileNetV2, mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { resolvePretrained } from '../../lib/model/pretrained';
import { type NamedWeights, requireWeights } from '../../lib/model/weights';
import { readKerasH5 } from '../../lib/tools/download/keras-h5';
import { requireImageNetFeatures } from '../../lib/tools/download/weights';
import { ensurePythonWith, pythonWith } from '../python-venv';
import { readReference, referencePath } from '../reference/reference';
import { seededBase, seededPixels } from '../reference/seeded-weights';

const python = pythonWith('keras');
const options = { cwd: projectRoot(), stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] };
let folder = '';

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'keras-full-'));
  await ensurePythonWith('keras', terminalProgress());
  await openEngine();
});
after(() => rmSync(folder, { recursive: true }));

function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  return Array.from(expected).reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index])), 0);
}

function featuresOf(weights: NamedWeights): Float32Array {
  const base = buildMobileNetV2(96);
  writeWeights(base, weights);
  const features = tf.tidy(() => {
    const output = base.predict(tf.tensor4d(seededPixels(2, 96), [2, 96, 96, 3]));
    assert.ok(output instanceof tf.Tensor);
    return Float32Array.from(output.dataSync());
  });
  base.dispose();
  return features;
}

test('Keras makes the committed reference numbers again', () => {
  const made = path.join(folder, 'made');
  execFileSync(python, ['test/reference/make_reference.py', made], options);
  const features = readReference('features', made);
  assert.ok(worstDifference(features.batchNormKept, readReference('features').batchNormKept) < 1e-4);
  assert.ok(worstDifference(features.folded, readReference('features').folded) < 1e-4);
  assert.ok(worstDifference(readReference('h5', made).output, readReference('h5').output) < 1e-4);
  for (const name of ['heads', 'training'] as const) {
    const [again, committed] = [readReference(name, made), readReference(name)];
    for (const [step, losses] of committed.losses.entries()) {
      assert.ok(Math.abs(again.losses[step].total - losses.total) < 1e-4, `${name}, step ${step}`);
    }
    for (const [weight, values] of Object.entries(committed.weights)) {
      assert.ok(worstDifference(again.weights[weight], values) < 1e-4, `${name}, ${weight}`);
    }
  }
});

test('the h5 files of the whole network that Keras writes today are read back to the same features', async () => {
  const given = process.env.COURSE_FULL_WEIGHTS;
  const source = given ?? 'seeded weights';
  const weights = given ? (await resolvePretrained({ weights: given, dataFolder: folder })).weights : seededBase();
  const expected = featuresOf(weights);
  const values = Object.values(weights).map(
    (weight) => new Uint8Array(weight.values.buffer, weight.values.byteOffset, weight.values.byteLength),
  );
  writeFileSync(path.join(folder, 'weights.bin'), Buffer.concat(values));
  const index = Object.entries(weights).map(([name, { shape }]) => ({ name, shape }));
  writeFileSync(path.join(folder, 'weights.json'), JSON.stringify(index));
  execFileSync(python, ['test/full/write_keras_h5.py', folder], options);
  const byKeras = JSON.parse(readFileSync(path.join(folder, 'features.json'), 'utf8'));
  assert.ok(worstDifference(byKeras, expected) < 1e-4, `${source}: Keras's own features`);
  for (const file of ['legacy.h5', 'keras3.weights.h5', 'whole.h5']) {
    const read = requireWeights(await readKerasH5(path.join(folder, file)), mobileNetV2Shapes(), file);
    const worst = worstDifference(featuresOf(read), byKeras);
    assert.ok(worst < 1e-4, `${file}: features differ by ${worst}`);
    if (given) requireImageNetFeatures(read, file);
  }
});

test('the reference files are few and small', () => {
  for (const file of ['features.json', 'heads.json', 'training.json', 'h5.json', 'legacy.h5', 'keras3.weights.h5', 'keras2018.h5']) {
    assert.ok(readFileSync(referencePath(file)).length < 200_000, file);
  }
});
