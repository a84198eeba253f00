import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../../lib/base/random';
import { FOLDS } from '../../lib/config';
import type { FaceRecord, NearDuplicatePair } from '../../lib/data/record';
import { ageBand, findLeaks, foldSplit, selectionSplit, splitRecords } from '../../lib/data/split';

function faces(count: number): FaceRecord[] {
  const random = seededRandom(3);
  return Array.from({ length: count }, (_, index) => ({
    file: `${String(index).padStart(5, '0')}.jpg`,
    sha256: `hash ${index}`,
    ageYears: Math.floor(random() * random() * 100) + 1,
    gender: random() < 0.45 ? 1 : 0,
    race: 0,
  }));
}

/** Chains of near duplicates, some across strata: 0-1-2-3, 10-11, 12-13, … */
function chains(records: readonly FaceRecord[]): NearDuplicatePair[] {
  const pairs = [0, 1, 2].map((index) => [index, index + 1]);
  for (let index = 10; index < 120; index += 2) pairs.push([index, index + 1]);
  return pairs.map(([first, second]) => ({ first: records[first], second: records[second], correlation: 0.99 }));
}

/** What the pairs chain together, for pairs that come in the order of their chains. */
function chained(pairs: readonly NearDuplicatePair[]): string[][] {
  const clusters: string[][] = [];
  for (const { first, second } of pairs) {
    const chain = clusters.find((cluster) => cluster.includes(first.sha256));
    if (chain) chain.push(second.sha256);
    else clusters.push([first.sha256, second.sha256]);
  }
  return clusters;
}

const records = faces(4000);
const nearDuplicates = chains(records);
const catalog = { records, nearDuplicates, clusters: chained(nearDuplicates) };
const split = splitRecords(catalog, { seed: 1, validationShare: 0.2 });

test('every record is on one side, 20 % of them on the validation side', () => {
  assert.deepEqual(
    [...split.training, ...split.validation].map(({ file }) => file).sort(),
    records.map(({ file }) => file),
  );
  assert.ok(Math.abs(split.validation.length / records.length - 0.2) < 0.001, String(split.validation.length));
});

test('each age band and gender keeps its share to the face', () => {
  const count = (side: readonly FaceRecord[], key: string): number =>
    side.filter((record) => `${ageBand(record.ageYears)} ${record.gender}` === key).length;
  for (const key of new Set(records.map((record) => `${ageBand(record.ageYears)} ${record.gender}`))) {
    const all = count(records, key);
    const judged = count(split.validation, key);
    assert.ok(Math.abs(judged - all * 0.2) <= 1, `${key}: ${judged} of ${all}`);
  }
});

test('near duplicates stay together, however they are chained', () => {
  assert.deepEqual(findLeaks(split, catalog), []);
  const judged = new Set(split.validation.map(({ sha256 }) => sha256));
  assert.equal(new Set([0, 1, 2, 3].map((index) => judged.has(`hash ${index}`))).size, 1);
  assert.ok(nearDuplicates.filter(({ first }) => judged.has(first.sha256)).length > 3, 'some chains are on the validation side');
});

test('a pair is kept apart from neither side by a face that is left out of both', () => {
  const [first, missing, third] = records;
  const clusters = [[first, missing, third].map(({ sha256 }) => sha256)];
  for (let seed = 0; seed < 40; seed++) {
    const { validation } = splitRecords({ records: [first, third, ...records.slice(3, 40)], clusters }, { seed, validationShare: 0.5 });
    assert.equal(validation.includes(first), validation.includes(third), `seed ${seed}`);
  }
});

test('the same seed gives the same split, another seed another', () => {
  assert.deepEqual(splitRecords(catalog, { seed: 1, validationShare: 0.2 }), split);
  const other = splitRecords(catalog, { seed: 2, validationShare: 0.2 });
  const shared = other.validation.filter((record) => split.validation.includes(record)).length;
  assert.ok(shared > 80 && shared < 280, `${shared} of 800 shared, 160 expected by chance`);
});

test('splits are those of the first version: runs and the bundled model were made with them', () => {
  const hash = (side: readonly FaceRecord[]) =>
    createHash('sha256')
      .update(side.map(({ file }) => file).join())
      .digest('hex')
      .slice(0, 16);
  const drawn = [1, 2].map((seed) => {
    const whole = splitRecords(catalog, { seed, validationShare: 0.2 });
    return [hash(whole.validation), hash(selectionSplit(whole, catalog, { seed }).validation)];
  });
  assert.deepEqual(drawn, [
    ['69c4374b831b7ce9', 'a3fec281b7796e5c'],
    ['77d811c5987ad5d4', '503cdaae93b06398'],
  ]);
});

test('leaks are found where there are some', () => {
  const [a, b, c] = records;
  const pairs = [{ first: a, second: b, correlation: 0.985 }];
  assert.deepEqual(findLeaks({ training: [b], validation: [a, c] }, { nearDuplicates: pairs }), [
    { training: b, validation: a, correlation: 0.985 },
  ]);
  const copy = { ...c, file: 'copy.jpg' };
  assert.deepEqual(findLeaks({ training: [copy], validation: [c] }, { nearDuplicates: [] }), [
    { training: copy, validation: c, correlation: 1 },
  ]);
  const [alice, aliceAgain] = [a, b].map((record) => ({ ...record, group: 'alice' }));
  assert.deepEqual(findLeaks({ training: [alice], validation: [aliceAgain, c] }, { nearDuplicates: [] }), [
    { training: alice, validation: aliceAgain },
  ]);
});

test('the selection split takes a tenth of the training side, keeps copies together, and touches no validation face', () => {
  const selection = selectionSplit(split, catalog, { seed: 1 });
  const files = (side: readonly FaceRecord[]) => side.map(({ file }) => file).sort();
  assert.deepEqual(files([...selection.training, ...selection.validation]), files(split.training));
  assert.ok(Math.abs(selection.validation.length / split.training.length - 0.1) < 0.002);
  assert.deepEqual(findLeaks(selection, catalog), []);
  assert.deepEqual(selectionSplit(split, catalog, { seed: 1 }), selection);
});

test('folds are apart, leave nothing out, and keep copies together', () => {
  const selection = selectionSplit(split, catalog, { seed: 1 });
  const folds = FOLDS.map((_, index) => foldSplit({ ...catalog, records: selection.training }, index + 1, { seed: 1 }));
  const judged = folds.flatMap(({ validation }) => validation);
  assert.equal(new Set(judged).size, judged.length, 'no face is in two folds');
  assert.deepEqual(new Set(judged), new Set(selection.training));
  for (const fold of folds) {
    assert.deepEqual(new Set([...fold.training, ...fold.validation]), new Set(selection.training));
    assert.deepEqual(findLeaks(fold, catalog), []);
    const share = fold.validation.length / selection.training.length;
    assert.ok(Math.abs(share - 1 / FOLDS.length) < 0.004, `${share}`);
  }
});

test('a face that may not judge is on the training side, with all that is chained to it; the others judge as many', () => {
  const known = new Set(split.validation.slice(0, 300));
  const mayJudge = (record: FaceRecord) => !known.has(record);
  const { training, validation } = splitRecords(catalog, { seed: 1, validationShare: 0.2, mayJudge });
  assert.ok(validation.every(mayJudge));
  assert.deepEqual(findLeaks({ training, validation }, catalog), []);
  assert.equal(training.length + validation.length, records.length);
  assert.ok(Math.abs(validation.length / records.length - 0.2) < 0.001, String(validation.length));
});
