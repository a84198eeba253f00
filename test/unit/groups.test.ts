/** Rows by group: who is in which, and of whom nothing is said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/base/random';
import { mean } from '../../lib/data/bands';
import type { Face, Gender } from '../../lib/data/record';
import type { Answered } from '../../lib/evaluation/evaluate';
import { groupRows } from '../../lib/evaluation/groups';

/** Of 400 faces, ages 0 to 79, those annotated as Black are a tenth; the rest are annotated as White. */
function answered(): Answered[] {
  const random = seededRandom(4);
  return Array.from({ length: 400 }, (_, index) => {
    const record = { file: '', sha256: String(index), ageYears: index % 80, gender: (index % 2) as Gender, race: Number(index % 10 === 0) };
    return { record, prediction: { ageYears: record.ageYears + 10 * random(), femaleProbability: random() } };
  });
}

test('rows are the groups of at least 30 faces, by one thing and by two, each as large as the faces in it', () => {
  const faces: readonly Answered<Face>[] = answered();
  const { groups, crossings } = groupRows(faces, { clusters: [] });
  const decades = [0, 10, 20, 30, 40, 50, 60, 70].map((from) => `ages ${from}–${from + 9}`);
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['all', 'ages 21 to 60', ...decades, 'male', 'female', 'White', 'Black'],
  );
  assert.deepEqual(
    crossings.map(({ name, count }) => [name, count]),
    [['White, male', 160], ['White, female', 200], ['Black, male', 40], ...decades.map((name) => [`${name}, White`, 45])],
  );
  const all = [...groups, ...crossings];
  for (const { name, count } of all) assert.ok(count >= 30, name);
  const male = groups.find(({ name }) => name === 'male');
  const own = faces.filter(({ record }) => record.gender === 0);
  assert.equal(male?.count, 200);
  assert.equal(male?.genderAccuracy?.value, mean(own.map(({ prediction }) => Number(prediction.femaleProbability <= 0.5))));
  for (const { name, ageMaeYears } of all) {
    assert.ok(ageMaeYears && ageMaeYears.low < ageMaeYears.value && ageMaeYears.value < ageMaeYears.high, name);
  }
});

test('of few faces only the whole is told, and of none nothing', () => {
  const few = groupRows(answered().slice(0, 24), { clusters: [] });
  assert.deepEqual([few.groups.map(({ name }) => name), few.crossings], [['all'], []]);
  assert.ok(few.groups[0].ageMaeYears && few.groups[0].genderAccuracy);
  assert.deepEqual(groupRows([], { clusters: [] }), { groups: [], crossings: [] });
});

test('the same seed gives the same rows, another one other intervals of the same figures', () => {
  const rows = (seed?: number) => groupRows(answered(), { clusters: [] }, seed);
  assert.deepEqual(rows(), rows(1));
  const [one, two] = [rows(1), rows(2)].map(({ groups }) => groups[0].ageMaeYears);
  assert.equal(one?.value, two?.value);
  assert.notEqual(one?.low, two?.low);
});

test('near copies make an interval wider, and unknown ages leave the gender of a group', () => {
  const faces = answered();
  const triples = Array.from({ length: 133 }, (_, index) => [3 * index, 3 * index + 1, 3 * index + 2].map(String));
  const copies = faces.map(({ record: { sha256 } }, index) => {
    const { record, prediction } = faces[index - (index % 3)];
    return { record: { ...record, sha256 }, prediction };
  });
  const width = (clusters: readonly (readonly string[])[]) => {
    const { low = 0, high = 0 } = groupRows(copies, { clusters }).groups[0].genderAccuracy ?? {};
    return high - low;
  };
  assert.ok(width(triples) > 1.1 * width([]));
  const unaged = faces.map(({ record: { ageYears, ...record }, prediction }) => ({
    record: ageYears < 5 ? { ...record, ageYears } : record,
    prediction,
  }));
  const [all] = groupRows(unaged, { clusters: [] }).groups;
  assert.deepEqual([all.name, all.count, all.ageMaeYears], ['all', 400, null]);
  assert.ok(all.genderAccuracy);
});
