/** The interval beside a predicted age: what is read from a distribution, how it is calibrated, and whether it holds the true age as often as it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normal, type Random, seededRandom } from '../../lib/base/random';
import { mean } from '../../lib/data/bands';
import {
  type AgeIntervals,
  calibrate,
  conformalQuantile,
  intervalYears,
  quantilesOf,
  quantileYears,
  type Years,
} from '../../lib/model/interval';
import { ageText, describePrediction } from '../../lib/predict/answer';
import { softAgeLabels } from '../../lib/training/labels';

const one = (bands: AgeIntervals['bands']): AgeIntervals => ({ coverage: 0.8, calibrationFaces: 0, bands });
const faces = (...agesYears: readonly number[]) => agesYears.map((ageYears) => ({ ageYears }));
const band = (meanAgeYears: number, marginYears: number) => ({ faces: 150, meanAgeYears, marginYears });

test('a quantile lies between years as the parts before and after it say', () => {
  const distribution = Float32Array.of(0.25, 0.5, 0, 0.25);
  assert.deepEqual(
    [0.125, 0.25, 0.5, 0.75, 0.875, 1].map((share) => quantileYears(distribution, share)),
    [0, 0.5, 1, 1.5, 3, 3.5],
  );
  assert.equal(quantileYears(Float32Array.of(0.5, 0.49), 0.999), 1.5, 'where rounding has lost the rest, the end');
  const [[low, high]] = quantilesOf(Float32Array.of(40), softAgeLabels([40], [5]));
  assert.ok(Math.abs(40 - 1.2816 * 5 - low) < 0.1 && Math.abs(40 + 1.2816 * 5 - high) < 0.1, `${low} to ${high}`);
  assert.deepEqual(quantilesOf(Float32Array.of(40, -3)), [
    [40, 40],
    [-3, -3],
  ]);
});

test('the conformal quantile of n values is the ceil((n + 1) share)-th smallest, and infinite where there is none', () => {
  const values = [9, 1, 8, 2, 7, 3, 6, 4, 5];
  assert.deepEqual(
    [0.05, 0.5, 0.79, 0.8, 0.81, 0.9, 0.91].map((share) => conformalQuantile(values, share)),
    [1, 5, 8, 8, 9, 9, Number.POSITIVE_INFINITY],
  );
  assert.equal(conformalQuantile([3, 1, 2]), Number.POSITIVE_INFINITY);
  assert.equal(conformalQuantile([3, 1, 2, -4]), 3);
  assert.equal(conformalQuantile([]), Number.POSITIVE_INFINITY);
});

test('three faces calibrate nothing, four do: one band, its margin that of the face farthest out', () => {
  const said = (count: number): Years[] => Array.from({ length: count }, () => [30, 40]);
  assert.equal(calibrate([], [], []), undefined);
  assert.equal(calibrate(faces(20, 35, 50), said(3), [35, 35, 35]), undefined);
  assert.deepEqual(calibrate(faces(26, 35, 44.9, 33), said(4), [35, 35, 36, 38]), {
    coverage: 0.8,
    calibrationFaces: 4,
    bands: [{ faces: 4, meanAgeYears: 34.5, marginYears: 4 }],
    predictedBands: [{ faces: 4, meanAgeYears: 36, marginYears: 0 }],
  });
});

test('bands of annotated age hold 150 faces or more, and no age is in two', () => {
  const ages = Array.from({ length: 700 }, (_, index) => Math.floor(index / 7)); // seven of each age from 0 to 99
  const shuffledAges = ages.map((_, index) => ages[(index * 333) % 700]);
  const said = shuffledAges.map((age): Years => [age + 1, age + 2]);
  const { bands } = calibrate(
    faces(...shuffledAges),
    said,
    said.map(([low]) => low),
  ) as AgeIntervals;
  assert.deepEqual(
    bands.map(({ faces, meanAgeYears, marginYears }) => [faces, meanAgeYears, marginYears]),
    [
      [154, 10.5, 1],
      [154, 32.5, 1],
      [154, 54.5, 1],
      [238, 82.5, 1],
    ],
  );
});

test('the interval is in whole years that the margin reaches, wider with it, never below 0, and holds the predicted age', () => {
  const quantiles: Years = [29.6, 37.2];
  const at = (margin: number, ageYears = 33.4, said = quantiles) => intervalYears(one([band(30, margin)]), said, ageYears);
  assert.deepEqual(at(0), [30, 37]);
  assert.deepEqual(at(0.61), [29, 37]);
  assert.deepEqual(at(4.8), [25, 42]);
  assert.deepEqual(at(-2), [32, 35]);
  assert.deepEqual(at(-20), [33, 34], 'empty, so the predicted age alone');
  assert.deepEqual(at(-2, 30.5), [30, 35], 'moved to the predicted age');
  assert.deepEqual(at(5, 1.4, [0.8, 2.9]), [0, 7]);
  assert.deepEqual(at(0, 0, [-3, -3]), [0, 0]);
  assert.deepEqual(at(9, 120, [112, 119]), [103, 120]);
  let before: Years = at(-10);
  for (let margin = -10; margin < 60; margin += 0.7) {
    const [low, high] = at(margin);
    assert.ok(low <= before[0] && high >= before[1] && low <= 33.4 && high >= 33.4 && low >= 0);
    before = [low, high];
  }
});

test('each end takes the margin of its own age, on a straight line between bands', () => {
  const bands = [band(20, 1), band(40, 11)];
  assert.deepEqual(intervalYears(one(bands), [30, 30], 30), [26, 41]); // 26 may lie 4 out, 25 only 3.5; 41 and all above 11
  assert.deepEqual(intervalYears(one(bands), [5, 9], 7), [4, 10]);
  assert.deepEqual(intervalYears(one(bands), [60, 60], 60), [49, 71]);
});

test('on simulated faces the interval holds the true age for 80 % of all, and about as many of every true and predicted age, whatever the network makes of them', () => {
  const distributed = simulate((age, random) => [age - 3 + 4 * normal(random), 2.5]);
  const drawnToTheMiddle = simulate((age, random) => [35 + 0.7 * (age - 35) + (2 + age / 10) * normal(random), 4]);
  const points = simulate((age, random) => [age + (2 + age / 20) * normal(random), 0]);
  for (const { all, byAge, byPredicted } of [distributed, drawnToTheMiddle, points]) {
    assert.ok(Math.abs(all - 0.81) < 0.02, `${all}`);
    for (const share of byAge) assert.ok(share > 0.76 && share < 0.87, `${byAge}`);
    for (const share of byPredicted) assert.ok(share > 0.72, `predicted: ${byPredicted}`);
  }
});

const FOUR_BANDS = [
  [Number.NEGATIVE_INFINITY, 20],
  [20, 40],
  [40, 60],
  [60, Number.POSITIVE_INFINITY],
] as const;

/** Mean coverage over 20 seeds, of all faces and of four bands of true and of predicted age; a network says a normal distribution, or where its sd is 0 a point. */
function simulate(says: (ageYears: number, random: Random) => readonly [mean: number, sd: number]) {
  const shares = Array.from({ length: 20 }, (_, seed) => {
    const random = seededRandom(seed);
    const face = () => {
      const age = Math.floor(20 * random() + 60 * random());
      const [said, sd] = says(age, random);
      return { age, said, distribution: softAgeLabels([said], [sd || 1]), sd };
    };
    const quantilesIn = (some: readonly ReturnType<typeof face>[]) =>
      some.map(({ said, distribution, sd }) => quantilesOf(Float32Array.of(said), sd === 0 ? undefined : distribution)[0]);
    const [known, fresh] = [800, 800].map((count) => Array.from({ length: count }, face));
    const saidOf = (some: typeof known) => some.map(({ said }) => said);
    const intervals = calibrate(faces(...known.map(({ age }) => age)), quantilesIn(known), saidOf(known)) as AgeIntervals;
    const held = quantilesIn(fresh).map((quantiles, index) => {
      const [low, high] = intervalYears(intervals, quantiles, Math.max(0, fresh[index].said));
      return { ...fresh[index], inside: low <= fresh[index].age && fresh[index].age <= high };
    });
    const share = (some: typeof held) => mean(some.map(({ inside }) => Number(inside)));
    const within = (ageOf: (face: (typeof held)[number]) => number, [from, to]: readonly number[]) =>
      share(held.filter((face) => ageOf(face) >= from && ageOf(face) < to));
    return [
      share(held),
      ...FOUR_BANDS.map((band) => within(({ age }) => age, band)),
      ...FOUR_BANDS.map((band) => within(({ said }) => said, band)),
    ];
  });
  const [all, ...byAge] = shares[0].map((_, column) => mean(shares.map((row) => row[column])));
  return { all, byAge: byAge.slice(0, 4), byPredicted: byAge.slice(4) };
}

test('an answer is told with its interval, and one without says so', () => {
  const answer = { ageYears: 34.4, ageIntervalYears: [27, 43], femaleProbability: 0.91 } as const;
  assert.equal(describePrediction(answer), '34 years (27 to 43), female 91 %');
  assert.equal(ageText({ ageYears: 34.4 }), '34 years (no interval)');
});
