import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, threeSplits } from '../../lib/course/leakage';
import type { FaceRecord } from '../../lib/data/record';
import { splitRecords } from '../../lib/data/split';
import { drawnRecords } from '../figures';

/** Distinct pictures, the first half of them in the data twice, and of the others every two in a row near copies of each other. */
const records = drawnRecords(400);
const half = records.length >> 1;
const usable: FaceRecord[] = [...records, ...records.slice(0, half).map((face) => ({ ...face, file: `copy of ${face.file}` }))];
const others = records.slice(half);
const clusters = others.flatMap(({ sha256 }, index) => (index % 2 === 1 ? [[others[index - 1].sha256, sha256]] : []));
const own = splitRecords({ records, clusters }, { seed: 7, validationShare: 0.2 });
const clusterOf = ({ sha256 }: FaceRecord) => clusters.findIndex((cluster) => cluster.includes(sha256)) + 1 || sha256;

test('of three splits of the same sizes, copies lie astride of the naive one alone, as many as are said', () => {
  const { splits, copied } = threeSplits({ usable, clusters }, own, 1);
  const astride = splits.map(({ training, validation }) => {
    const taught = new Set(training.map(clusterOf));
    return validation.filter((face) => taught.has(clusterOf(face))).length / validation.length;
  });
  assert.deepEqual(astride, [0, copied, 0]);
  assert.ok(copied > 0.3 && copied < 0.8, `${copied}`);
  for (const { training, validation } of splits) {
    assert.deepEqual([training.length, validation.length], [splits[0].training.length, splits[0].validation.length]);
  }
});

test('the mended split is the naive one but for the places of copies, and judged by the same faces', () => {
  const [, naive, mended] = threeSplits({ usable, clusters }, own, 1).splits;
  assert.equal(mended.validation, naive.validation);
  const judging = new Set(naive.validation.map(clusterOf));
  for (const [place, face] of naive.training.entries()) {
    if (judging.has(clusterOf(face))) assert.ok(naive.training.includes(mended.training[place]));
    else assert.equal(mended.training[place], face);
  }
});

test('pictures that are left out for their labels take no part in the naive split, and the seed alone decides', () => {
  const stranger: FaceRecord = { ...records[0], file: 'stranger.jpg', sha256: 'stranger' };
  const [, first] = threeSplits({ usable: [stranger, ...usable], clusters }, own, 3).splits;
  const [, again] = threeSplits({ usable: [stranger, ...usable], clusters }, own, 3).splits;
  const [, second] = threeSplits({ usable: [stranger, ...usable], clusters }, own, 4).splits;
  assert.ok(![...first.training, ...first.validation].includes(stranger));
  assert.deepEqual(again, first);
  assert.notDeepEqual(second, first);
});

test('a gain is told with its interval, and what five seeds cannot tell from nothing is called that', () => {
  // By scipy.stats.t.interval(0.95, 4, loc=mean, scale=sem)
  assert.equal(claim([0.1, 0.12, 0.09, 0.11, 0.1], 'years'), '0.10 years (0.09 to 0.12)');
  assert.equal(claim([0.3, -0.2, 0.1, 0, 0.05], 'years'), '0.05 years (-0.17 to 0.27, which five seeds cannot tell from nothing)');
});
