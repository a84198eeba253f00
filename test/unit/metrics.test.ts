import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaceRecord } from '../../lib/data/record';
import { isRight } from '../../lib/evaluation/evaluate';
import { faceCardHtml } from '../../lib/pages/images';
import { describePrediction } from '../../lib/predict/answer';
import { describeEpoch } from '../../lib/tools/cli/runs';
import { accumulate, ageScaleOf, baselinesOf, EMPTY, metricsOf } from '../../lib/training/metrics';

function face(ageYears: number, gender: 0 | 1): FaceRecord {
  return { file: `${ageYears}_${gender}.jpg`, sha256: `${ageYears}${gender}`, ageYears, gender, race: 0 };
}

test('the age scale is the mean and standard deviation of the training side, or years as they are', () => {
  const faces = [face(10, 0), face(30, 0), face(20, 1), face(20, 1)];
  assert.deepEqual(ageScaleOf('standardised', faces), { meanYears: 20, sdYears: Math.sqrt(50) });
  assert.deepEqual(ageScaleOf('years', faces), { meanYears: 0, sdYears: 1 });
});

test('metrics are averages over faces, not over batches, and ages come back in years', () => {
  const scale = { meanYears: 30, sdYears: 10 };
  const two = { ages: Float32Array.of(0, 1), genders: Float32Array.of(0.5, 0.5, 0.25, 0.75) };
  const one = { ages: Float32Array.of(-2), genders: Float32Array.of(1, 0) };
  const sums = accumulate(EMPTY, two, { ages: Float32Array.of(0, 0), genders: Int32Array.of(1, 1) }, scale);
  const { ageLoss, genderLoss, loss, ageMaeYears, genderAccuracy } = metricsOf(
    accumulate(sums, one, { ages: Float32Array.of(0), genders: Int32Array.of(0) }, scale),
  );
  assert.equal(ageLoss, 5 / 3);
  assert.equal(ageMaeYears, 10);
  assert.ok(Math.abs(genderLoss - (Math.log(2) - Math.log(0.75)) / 3) < 1e-12);
  assert.equal(loss, ageLoss + genderLoss);
  assert.equal(genderAccuracy, 2 / 3, 'a tie is an answer, male, and here not right');
});

test('both answers equally likely is the first of them, male, as in the accuracy of Keras', () => {
  const even = { ages: Float32Array.of(0, 0), genders: Float32Array.of(0.5, 0.5, 0.5, 0.5) };
  const sums = accumulate(EMPTY, even, { ages: Float32Array.of(0, 0), genders: Int32Array.of(0, 1) }, { meanYears: 30, sdYears: 10 });
  assert.equal(metricsOf(sums).genderAccuracy, 1 / 2);
  const face = { ageYears: 30, femaleProbability: 0.5 };
  assert.match(describePrediction(face), /, male 50 %, uncertain$/);
  assert.match(faceCardHtml([], face, 29), />male 50 %, uncertain</);
  const faces = ([0, 1] as const).map((gender) => ({ record: { file: '', sha256: '', gender }, prediction: face }));
  assert.deepEqual(faces.map(isRight), [1, 0]);
});

test("baselines answer the training side's median age for the absolute error, its mean for the squared one, and its majority", () => {
  const training = [face(20, 1), face(22, 1), face(24, 0), face(54, 1)];
  const validation = [face(30, 1), face(50, 0)];
  const baselines = baselinesOf(training, validation, { meanYears: 30, sdYears: 10 });
  const { genderLoss, ...rest } = baselines;
  assert.deepEqual(rest, {
    meanAgeYears: 30,
    medianAgeYears: 23,
    majorityGender: 1,
    ageMaeYears: 17,
    genderAccuracy: 0.5,
    ageLoss: 2,
  });
  assert.ok(Math.abs(genderLoss - -(Math.log(0.75) + Math.log(0.25)) / 2) < 1e-12);
});

test('an error beyond any age is called what it is: a training that diverges', () => {
  const metrics = { loss: 1, ageLoss: 1, genderLoss: 0, ageMaeYears: 9.31, genderAccuracy: 0.812 };
  const record = { session: 1, epoch: 2, training: metrics, validation: metrics, learningRate: 1, seconds: 1, imagesPerSecond: 1204.4 };
  const said = 'Session 1, epoch 2: validation age MAE 9.31 years, gender accuracy 81.2 %, 1,204 images/s';
  assert.equal(describeEpoch(record), said);
  const diverged = describeEpoch({ ...record, validation: { ...metrics, ageMaeYears: 9721 } });
  assert.match(diverged, /images\/s\. This training diverges: stop it, and start a new run with a lower learning rate$/);
});
