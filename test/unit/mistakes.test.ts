/** What is hidden to judge a map, and what is known against labels: pure rules, on parts small enough to count by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { seededRandom } from '../../lib/base/random';
import { openRemarks, worstMistakes } from '../../lib/course/mistakes';
import type { FaceRecord } from '../../lib/data/record';
import type { GradCam } from '../../lib/evaluation/grad-cam';
import { hideRegions } from '../../lib/evaluation/grad-cam';

const face = (sha256: string, ageYears: number, gender: 0 | 1): FaceRecord => ({ file: `${sha256}.jpg`, sha256, ageYears, gender });

test('hiding where an honest map points moves an answer by what is there, and elsewhere by nothing', async () => {
  // Five places a side, one pixel each; the answer is the sum of the first five places' red, and the map says so.
  const places = (pixels: Uint8Array) => Array.from({ length: 25 }, (_, place) => (place < 5 ? pixels[3 * place] : 0));
  const look = async (_: string, pixels: Uint8Array) =>
    Array.from({ length: pixels.length / 75 }, (_, at) => {
      const own = places(pixels.subarray(75 * at, 75 * (at + 1)));
      return { answer: own.reduce((sum, place) => sum + place, 0), places: own };
    });
  const cam: GradCam = { sizePx: 5, side: 5, look, dispose: () => undefined };
  const faces = [10, 50].map((value) => new Uint8Array(75).fill(value));
  const moves = await hideRegions(cam, 'age', faces, seededRandom(1));
  for (const [there, least, anywhere, another] of moves) {
    assert.deepEqual([there, least, another], [5 * 20, 0, 5 * 20], 'painted with the mean, 30');
    assert.ok(anywhere < there && anywhere % 20 === 0);
  }
  assert.deepEqual(
    (await hideRegions(cam, 'age', [faces[0], faces[0]], seededRandom(1))).flat(),
    Array(8).fill(0),
    'the mean of equals is each of them',
  );
});

test('the worst come first, by age and by how sure a wrong gender is', () => {
  const scored = [
    [face('a', 20, 0), 30, 0.9],
    [face('b', 20, 1), 21, 0.4],
    [face('c', 60, 1), 20, 0.99],
    [face('d', 60, 1), 55, 0.02],
  ].map(([record, ageYears, femaleProbability]) => {
    const prediction = { ageYears: ageYears as number, femaleProbability: femaleProbability as number };
    return { record: record as FaceRecord, prediction, flipAveraged: prediction };
  });
  const { age, gender } = worstMistakes(scored, 2);
  assert.deepEqual(
    [age, gender].map((some) => some.map(({ record }) => record.sha256)),
    [
      ['c', 'a'],
      ['d', 'a'],
    ],
  );
});

test('a near copy with other labels speaks against a label, one with nearly the same does not', () => {
  const [own, older, same, other] = [face('a', 26, 0), face('b', 50, 0), face('c', 28, 0), face('d', 27, 1)];
  const pair = (first: FaceRecord, second: FaceRecord) => ({ first, second, correlation: 0.99 });
  const remarksOn = openRemarks({ nearDuplicates: [pair(own, older), pair(same, own), pair(other, own), pair(older, other)] });
  assert.deepEqual(remarksOn(own), ['a near copy is labelled 50 years, male', 'a near copy is labelled 27 years, female']);
  assert.deepEqual(remarksOn(same), []);
  assert.deepEqual(remarksOn({ ...own, ageYears: undefined }), ['a near copy is labelled 27 years, female']);
});

test('what was seen in pictures of UTKFace stands beside them, by the beginning of their hash', () => {
  const [, ...lines] = readFileSync(projectPath('data', 'utkface-remarks.csv'), 'utf8').trim().split('\n');
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /^[0-9a-f]{12},("[^"]+"|[^",]+)$/);
  const remarksOn = openRemarks({ nearDuplicates: [] });
  assert.deepEqual(remarksOn(face(`d2bd2ab71983${'0'.repeat(52)}`, 76, 0)), ['a drawing']);
  assert.deepEqual(remarksOn(face('0'.repeat(64), 76, 0)), []);
});
