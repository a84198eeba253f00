/** Intervals and calibration, on numbers of which theory says what has to come out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/base/random';
import { bootstrap } from '../../lib/evaluation/bootstrap';
import { expectedCalibrationError } from '../../lib/evaluation/gender-metrics';

test('an interval is as wide as theory says, and wider where faces come in copies', () => {
  const random = seededRandom(3);
  const values = Array.from({ length: 900 }, () => random());
  const alone = values.map((value, index) => ({ cluster: `${index}`, value }));
  const copied = values.map((value, index) => ({ cluster: `${index % 300}`, value: values[index % 300] + 0 * value }));
  const value = (face: { readonly value: number }) => face.value;
  const cluster = (face: { readonly cluster: string }) => face.cluster;
  const [single, tripled] = [alone, copied].map((faces) => bootstrap(faces, value, cluster, seededRandom(1)));
  const expected = 2 * 1.96 * Math.sqrt(1 / 12 / 900); // of a mean of evenly distributed numbers
  assert.ok(single.low < single.value && single.value < single.high);
  const width = single.high - single.low;
  assert.ok(Math.abs(width / expected - 1) < 0.1, `${width}, expected ${expected}`);
  const wider = (tripled.high - tripled.low) / width;
  assert.ok(Math.abs(wider - Math.sqrt(3)) < 0.25, `${wider}`);
});

test('who is right as often as they say has no calibration error, and who is always sure has the share of errors', () => {
  const random = seededRandom(5);
  const honest = Array.from({ length: 60_000 }, () => {
    const p = random();
    return { p, label: random() < p ? 1 : 0 } as const;
  });
  assert.ok(expectedCalibrationError(honest) < 0.01, `${expectedCalibrationError(honest)}`);
  const sure = honest.map(({ label }, index) => ({ p: index % 5 === 0 ? 1 - label : label, label }));
  assert.ok(Math.abs(expectedCalibrationError(sure) - 0.2) < 1e-9);
});
