/** What the comparison of detectors calls the spread of landmarks is the error that they have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normal, seededRandom } from '../../lib/base/random';
import { inPhoto, type Point } from '../../lib/images/photo';
import { spreadOf } from '../detectors/measures';

test('errors of landmarks come out as they were put in, whatever points are looked for, and a few gross ones change little', () => {
  const random = seededRandom(3);
  const points: readonly Point[] = [
    [0.2, 0.4],
    [0.7, 0.35],
    [0.5, 0.9],
  ];
  const landmarks = Array.from({ length: 4000 }, (_, index) => {
    const wild = index % 50 === 0 ? 10 : 1;
    const [dx, dy, growth, turn] = [0.02, 0.02, 0.05, 0.03].map((error) => wild * error * normal(random));
    const frame = { x: 0.5 + dx, y: 0.5 + dy, sidePx: 1 + growth, turn };
    return points.map((point) => inPhoto(frame, point));
  });
  const { shift, scale, turnDegrees } = spreadOf(landmarks);
  assert.ok(Math.abs(shift / 0.02 - 1) < 0.06, `shift ${shift}`);
  assert.ok(Math.abs(scale / 0.05 - 1) < 0.06, `scale ${scale}`);
  assert.ok(Math.abs(turnDegrees / ((180 / Math.PI) * 0.03) - 1) < 0.06, `turn ${turnDegrees}`);
});
