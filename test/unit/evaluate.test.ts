import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { scoreTable } from '../../lib/course/tables';
import type { FaceRecord } from '../../lib/data/record';
import { byAgeError, type ScoredFace, summarise, unseenBy } from '../../lib/evaluation/evaluate';
import { writeSplitHashes } from '../../lib/model/model-folder';

/** Age in years and probability of female. */
type Answer = readonly [number, number];

const folder = mkdtempSync(path.join(os.tmpdir(), 'evaluate-'));
after(() => rmSync(folder, { recursive: true }));

const NOTHING = { ageMaeYears: null, genderAccuracy: null };
const BASELINE = { meanAgeYears: 40, medianAgeYears: 30, majorityGender: 1 } as const;

function scored(ageYears: number, gender: 0 | 1, answer: Answer, flipped: Answer = answer, race = 0): ScoredFace {
  const record: FaceRecord = { file: `${ageYears}.jpg`, sha256: `${ageYears}`.padEnd(64, 'f'), ageYears, gender, race };
  return {
    record,
    prediction: { ageYears: answer[0], femaleProbability: answer[1] },
    flipAveraged: { ageYears: flipped[0], femaleProbability: flipped[1] },
  };
}

test('scores are stated whole, averaged with the mirror image, and beside the constant answer', async () => {
  const faces = [scored(5, 0, [8, 0.6], [6, 0.4]), scored(30, 1, [31, 0.9], [31, 0.9]), scored(85, 1, [75, 0.2], [79, 0.2])];
  await writeSplitHashes(folder, { training: [faces[1].record.sha256], validation: [] });
  const evaluation = summarise(faces, folder, BASELINE);
  assert.equal(evaluation.count, 3);
  assert.equal(evaluation.trainingImages, 1);
  assert.equal(evaluation.ageMaeYears, 14 / 3);
  assert.equal(evaluation.genderAccuracy, 1 / 3);
  assert.deepEqual(evaluation.flipAveraged, { ageMaeYears: 8 / 3, genderAccuracy: 2 / 3 });
  assert.deepEqual(evaluation.baseline, { ageMaeYears: 80 / 3, genderAccuracy: 2 / 3 });
});

test('without faces there are no figures: it is not 0.00 years off', async () => {
  await writeSplitHashes(folder, { training: [], validation: [] });
  const { flipAveraged, baseline } = summarise([], folder, BASELINE);
  assert.deepEqual([flipAveraged, baseline], [NOTHING, NOTHING]);
  assert.match(scoreTable({ model: flipAveraged }), /no faces.*no faces/);
});

test('a face of unknown age counts for gender alone', async () => {
  await writeSplitHashes(folder, { training: [], validation: [] });
  const known = scored(30, 0, [34, 0.1]);
  const { ageYears: _, ...record } = scored(50, 1, [47, 0.4]).record;
  const unknown = { ...scored(50, 1, [47, 0.4]), record };
  const { count, ageMaeYears, genderAccuracy } = summarise([known, unknown], folder, BASELINE);
  assert.deepEqual([count, ageMaeYears, genderAccuracy], [2, 4, 0.5]);
});

test('all metrics of the field stand beside those of the mirror average and of the constant answer, which has half of the ROC area', async () => {
  await writeSplitHashes(folder, { training: [], validation: [] });
  const faces = [scored(5, 0, [8, 0.6], [6, 0.4]), scored(30, 1, [31, 0.9], [31, 0.9]), scored(85, 1, [75, 0.2], [79, 0.2])];
  const evaluation = summarise(faces, folder, BASELINE);
  const { model, flipAveraged, baseline } = evaluation.metrics;
  assert.equal(model.age?.maeYears, evaluation.ageMaeYears);
  assert.equal(model.age?.biasYears, -2);
  assert.equal(model.age?.medianErrorYears, 3);
  assert.equal(model.age?.within5Years, 2 / 3);
  assert.equal(model.gender?.balancedAccuracy, 1 / 4);
  assert.equal(model.gender?.areaUnderRoc, 1 / 2);
  assert.equal(flipAveraged.gender?.accuracy, evaluation.flipAveraged.genderAccuracy);
  assert.equal(baseline.age?.maeYears, evaluation.baseline.ageMaeYears);
  assert.deepEqual(baseline.gender, { accuracy: 2 / 3, balancedAccuracy: 1 / 2, areaUnderRoc: 1 / 2, expectedCalibrationError: 1 / 3 });
  assert.deepEqual(summarise([], folder, BASELINE).metrics.model, { age: null, gender: null });
});

test('faces that the model learned from can be left out, and those left are sorted by their error', async () => {
  const faces = [scored(30, 0, [36, 0.1]), scored(40, 0, [41, 0.9]), scored(50, 1, [47, 0.9])];
  await writeSplitHashes(folder, { training: [faces[1].record.sha256], validation: [] });
  const records = faces.map(({ record }) => record);
  assert.deepEqual(unseenBy(folder, records), [records[0], records[2]]);
  assert.deepEqual(
    byAgeError(faces).map(({ record }) => record.ageYears),
    [40, 50, 30],
  );
});

test('intervals are judged on faces that the model has neither learned from nor been calibrated by, in whole years', async () => {
  const within = (ageYears: number, low: number, high: number): ScoredFace => {
    const face = scored(ageYears, 0, [(low + high) / 2, 0.1]);
    return { ...face, prediction: { ...face.prediction, ageIntervalYears: [low, high] } };
  };
  const [learned, calibrating] = [within(31, 40, 50), within(32, 40, 50)];
  const judged = [within(27, 27, 43), within(43.9, 27, 43), within(44, 27, 43), within(7, 5, 8)];
  const hashes = (faces: readonly ScoredFace[]) => faces.map(({ record }) => record.sha256);
  await writeSplitHashes(folder, {
    training: hashes([learned]),
    validation: hashes([calibrating, ...judged]),
    calibration: hashes([calibrating]),
  });
  const { ageIntervals } = summarise([learned, calibrating, ...judged, scored(60, 1, [61, 0.9])], folder, BASELINE);
  assert.deepEqual(ageIntervals, {
    count: 4,
    coverage: 3 / 4,
    meanWidthYears: (3 * 16 + 3) / 4,
    byAge: [
      { ages: '0–9', count: 1, coverage: 1, meanWidthYears: 3 },
      { ages: '20–29', count: 1, coverage: 1, meanWidthYears: 16 },
      { ages: '40–49', count: 2, coverage: 1 / 2, meanWidthYears: 16 },
    ],
  });
  const none = summarise([learned, calibrating], folder, BASELINE).ageIntervals;
  assert.deepEqual(none, { count: 0, coverage: null, meanWidthYears: null, byAge: [] });
});

test('an answer is told in whole years, and counts as within a range where these are; the constant answer stands beside it', async () => {
  await writeSplitHashes(folder, { training: [], validation: [] });
  const within = (said: number, ageRangeYears: readonly [number, number | null]) => {
    const { ageYears: _, ...record } = scored(50, 1, [said, 0.4]).record;
    return { ...scored(50, 1, [said, 0.4]), record: { ...record, ageRangeYears } };
  };
  const faces = [within(29.4, [20, 29]), within(29.6, [20, 29]), within(19.5, [20, 29]), within(69.4, [70, null]), within(99, [70, null])];
  const { ageInRange, ageMaeYears, count } = summarise([...faces, scored(30, 0, [34, 0.1])], folder, BASELINE);
  assert.deepEqual(ageInRange, { count: 5, share: 3 / 5, baselineShare: 0 });
  assert.deepEqual([count, ageMaeYears], [6, 4], 'ranges take no part in errors in years');
  assert.deepEqual(summarise([], folder, BASELINE).ageInRange, { count: 0, share: null, baselineShare: null });
});
