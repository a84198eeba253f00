import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { PLAIN_OBJECTIVE } from '../../lib/config';
import type { FaceRecord } from '../../lib/data/record';
import { answerOf, readTeachers, requireUnseen, type TeachersAnswer } from '../../lib/data/teachers';
import { AGE_BINS } from '../../lib/model/interval';
import { labelSds, softAgeLabels, taughtLabels } from '../../lib/training/labels';
import { writeTeachers } from '../teachers/teachers';

const folder = mkdtempSync(path.join(os.tmpdir(), 'teaching-'));
after(() => rmSync(folder, { recursive: true }));
const OBJECTIVE = {
  ...PLAIN_OBJECTIVE,
  ageDistribution: 1,
  ageLabelSdYears: 3.5,
  ageLabelSdGrowth: 0.08,
  genderSmoothing: 0.1,
  teaching: 0.6,
};

/** Mean and spread of a distribution over years. */
function moments(row: Float32Array) {
  const middle = row.reduce((sum, share, year) => sum + share * year, 0);
  return { middle, sd: Math.sqrt(row.reduce((sum, share, year) => sum + share * (year - middle) ** 2, 0)) };
}

test('labels spread with age up to a most, or are spread alike', () => {
  const close = (actual: Float32Array, expected: readonly number[]) => {
    for (const [index, value] of expected.entries())
      assert.ok(Math.abs(actual[index] - value) < 1e-6, `${actual[index]}, expected ${value}`);
  };
  close(labelSds(Float32Array.of(0, 10, 36, 90), 3.5, 0.08), [0.6, 1.4, 3.48, 3.5]);
  close(labelSds(Float32Array.of(0, 10, 36, 90), 2.5, 0), [2.5, 2.5, 2.5, 2.5]);
  const { middle, sd } = moments(softAgeLabels([40], [3]));
  assert.ok(Math.abs(middle - 40) < 1e-4 && Math.abs(sd - 3) < 1e-3, `${middle}, ${sd}`);
});

test("a face's gender label moves towards what teachers say, as far as the objective tells, and stays where they do not know the face", () => {
  const batch = { ages: Float32Array.of(40, 40), genders: Int32Array.of(1, 1) };
  const taught = taughtLabels({ ...batch, females: Float32Array.of(0.2, Number.NaN) }, OBJECTIVE);
  const [male, female] = taught.genderLabels;
  assert.ok(Math.abs(male - (0.4 * 0.05 + 0.6 * 0.8)) < 1e-6 && Math.abs(male + female - 1) < 1e-6);
  const alone = taughtLabels(batch, OBJECTIVE);
  assert.deepEqual(taught.genderLabels.slice(2), alone.genderLabels.slice(2));
  assert.deepEqual([taught.ages, taught.ageLabels], [alone.ages, alone.ageLabels]);
});

test('pictures that are mixed are taught mixed labels', () => {
  const batch = { ages: Float32Array.of(20, 60), genders: Int32Array.of(0, 1), shares: Float32Array.of(0.25, 0) };
  const { ages, ageLabels, genderLabels } = taughtLabels(batch, { ...OBJECTIVE, teaching: 0 });
  assert.deepEqual([...ages], [30, 60]);
  assert.ok(Math.abs(moments(ageLabels.subarray(0, AGE_BINS)).middle - 30) < 1e-3);
  assert.ok(Math.abs(genderLabels[1] - (0.75 * 0.05 + 0.25 * 0.95)) < 1e-6);
});

const face = (sha256: string) => ({ sha256 }) as FaceRecord;
const answer = (fold: number): TeachersAnswer => ({ fold, femaleProbability: 0.875 });

test('answers are kept by the hash of the picture', async () => {
  const file = path.join(folder, 'answers.csv');
  const [known, other] = ['a', 'b'].map((digit) => face(digit.repeat(64)));
  await writeTeachers(file, [[known, answer(2)]]);
  const teachers = readTeachers(file);
  assert.deepEqual(answerOf(teachers, known), answer(2));
  assert.equal(answerOf(teachers, other), undefined);
  assert.match(teachers.sha256, /^[0-9a-f]{64}$/);
});

test('a run is not judged by faces that its teachers have learned from', async () => {
  const file = path.join(folder, 'judged.csv');
  const [learned, apart] = ['c', 'd'].map((digit) => face(digit.repeat(64)));
  await writeTeachers(file, [
    [learned, answer(1)],
    [apart, answer(0)],
  ]);
  const teachers = readTeachers(file);
  requireUnseen(teachers, { training: [learned], validation: [apart] });
  assert.throws(() => requireUnseen(teachers, { training: [apart], validation: [learned] }), /learned from 1 of the 1 faces/);
});

test('a file that holds something else is refused by its name and line', () => {
  const file = path.join(folder, 'broken.csv');
  assert.throws(() => readTeachers(file), /broken\.csv: no such file\. npm run teach makes one/);
  writeFileSync(file, 'file,age\n');
  assert.throws(() => readTeachers(file), /begins with "file,age", expected "picture,fold,female"/);
  for (const row of ['abc,1', 'abc,6,0.5', 'abc,1,half', 'abc,1,1.5e3', 'photo.jpg,1,0.5']) {
    writeFileSync(file, `picture,fold,female\n${row}\n`);
    assert.throws(() => readTeachers(file), new RegExp(`broken\\.csv, line 2: "${row}", expected such as "0001e22e5781,5,0\\.0168"`));
  }
});
