import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { FaceRecord } from '../../lib/data/record';
import { type ScoredFace, summarise } from '../../lib/evaluate';
import { writeSplitHashes } from '../../lib/model/model-folder';

const folder = mkdtempSync(path.join(os.tmpdir(), 'evaluate-'));
after(() => rmSync(folder, { recursive: true }));

function scored(ageYears: number, gender: 0 | 1, answer: readonly [number, number], flipped: readonly [number, number]): ScoredFace {
  const record: FaceRecord = { file: `${ageYears}.jpg`, sha256: `${ageYears}`.padEnd(64, 'f'), ageYears, gender, race: 0 };
  return {
    record,
    prediction: { ageYears: answer[0], femaleProbability: answer[1] },
    flipAveraged: { ageYears: flipped[0], femaleProbability: flipped[1] },
  };
}

test('scores are stated whole, averaged with the mirror image, by age and by gender, beside the constant answer', async () => {
  const faces = [scored(5, 0, [8, 0.6], [6, 0.4]), scored(30, 1, [31, 0.9], [31, 0.9]), scored(85, 1, [75, 0.2], [79, 0.2])];
  await writeSplitHashes(folder, { training: [faces[1].record.sha256], validation: [] });
  const evaluation = summarise(faces, folder, { meanAgeYears: 30, majorityGender: 1 });
  assert.equal(evaluation.count, 3);
  assert.equal(evaluation.trainingImages, 1);
  assert.equal(evaluation.ageMaeYears, 14 / 3);
  assert.equal(evaluation.genderAccuracy, 1 / 3);
  assert.deepEqual(evaluation.flipAveraged, { ageMaeYears: 8 / 3, genderAccuracy: 2 / 3 });
  assert.deepEqual(evaluation.baseline, { ageMaeYears: 80 / 3, genderAccuracy: 2 / 3 });
  assert.deepEqual(evaluation.ages21to60, { count: 1, ageMaeYears: 1, genderAccuracy: 1 });
  assert.deepEqual(
    evaluation.byAge.map(({ ages, count, ageMaeYears }) => [ages, count, ageMaeYears]),
    [
      ['0–9', 1, 3],
      ['30–39', 1, 1],
      ['80+', 1, 10],
    ],
  );
  assert.deepEqual(
    evaluation.byGender.map(({ gender, count, genderAccuracy }) => [gender, count, genderAccuracy]),
    [
      ['male', 1, 0],
      ['female', 2, 0.5],
    ],
  );
});
