/** The statistics of the model card. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrap, calibrationError } from '../../data/model/statistics';
import { seededRandom } from '../../lib/base/random';

test('an interval is as wide as theory says, and wider where faces come in copies', () => {
  const random = seededRandom(3);
  const values = Array.from({ length: 900 }, () => random());
  const alone = values.map((value, index) => ({ cluster: `${index}`, value }));
  const copied = values.map((value, index) => ({ cluster: `${index % 300}`, value: values[index % 300] + 0 * value }));
  const value = (face: { readonly value: number }) => face.value;
  const [[middle, low, high]] = bootstrap(alone, [value], seededRandom(1));
  const expected = 2 * 1.96 * Math.sqrt(1 / 12 / 900); // of a mean of evenly distributed numbers
  assert.ok(low < middle && middle < high);
  assert.ok(Math.abs((high - low) / expected - 1) < 0.1, `${high - low}, expected ${expected}`);
  const [[, from, to]] = bootstrap(copied, [value], seededRandom(1));
  assert.ok(Math.abs((to - from) / (high - low) - Math.sqrt(3)) < 0.25, `${(to - from) / (high - low)}`);
});

test('who is right as often as they say has no calibration error, and who is always sure has the share of errors', () => {
  const random = seededRandom(5);
  const honest = Array.from({ length: 60_000 }, () => {
    const p = random();
    return { p, label: Number(random() < p) };
  });
  assert.ok(calibrationError(honest) < 0.01, `${calibrationError(honest)}`);
  const sure = honest.map(({ label }, index) => ({ p: index % 5 === 0 ? 1 - label : label, label }));
  assert.ok(Math.abs(calibrationError(sure) - 0.2) < 1e-9);
});
