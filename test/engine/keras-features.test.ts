import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { openEngine } from '../../lib/base/engine';
import { InputError } from '../../lib/base/errors';
import { writeWeights } from '../../lib/model/layer-weights';
import { buildMobileNetV2 } from '../../lib/model/mobilenet';
import type { NamedWeights } from '../../lib/model/weights';
import { requireImageNetFeatures } from '../../lib/tools/download/weights';
import { readReference } from '../reference/reference';
import { seededBase, seededNormedBase, seededPixels } from '../reference/seeded-weights';

before(() => openEngine());

function assertFeatures(weights: NamedWeights, expected: readonly number[]): void {
  const base = buildMobileNetV2(96);
  writeWeights(base, weights);
  const actual = tf.tidy(() => {
    const features = base.predict(tf.tensor4d(seededPixels(2, 96), [2, 96, 96, 3]));
    assert.ok(features instanceof tf.Tensor);
    assert.deepEqual(features.shape, [2, 1280]);
    return features.dataSync();
  });
  base.dispose();
  const worst = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index])), 0);
  assert.ok(worst < 1e-4, `features differ by ${worst}`);
}

test('the network gives the features that Keras gives with BatchNorm kept', () => {
  assertFeatures(seededNormedBase(), readReference('features').batchNormKept);
});

test('the network gives the features that Keras gives when it is built folded', () => {
  assertFeatures(seededBase(), readReference('features').folded);
});

test('weights that are not those of ImageNet are told by their features', () => {
  assert.throws(
    () => requireImageNetFeatures(seededBase(), 'other.h5'),
    (error) =>
      error instanceof InputError && /^other\.h5: not the ImageNet weights of MobileNetV2 \(feature \d+ .* expected/.test(error.message),
  );
});
