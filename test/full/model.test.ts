/** What the bundled model's card promises: how accurate it is on faces that it has not learned from, and how little it hangs on the camera. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { runCommand, succeeded } from '../command';

const data = process.env.COURSE_FULL_DATA ?? '';

before(() => assert.ok(data, 'COURSE_FULL_DATA: npm run test:full sets it'));

test('on its validation side the model is as accurate as its card says, and none of it was learned from', (context) => {
  const { stdout } = succeeded(runCommand(['evaluate', '--data', data, '--split', 'run', '--json']));
  const { trainingImages, ageMaeYears, genderAccuracy } = JSON.parse(stdout);
  assert.equal(trainingImages, 0);
  context.diagnostic(`MAE ${ageMaeYears.toFixed(2)} years, gender ${(100 * genderAccuracy).toFixed(1)} %`);
  assert.ok(ageMaeYears < 4.42, `MAE ${ageMaeYears} years`);
  assert.ok(genderAccuracy > 0.946, `gender ${genderAccuracy}`);
});

test('the same face, saved and framed in twelve ways, is given much the same age and the same gender', (context) => {
  const { stdout } = succeeded(runCommand(['stability', '--data', data, '--json']));
  for (const [name, { faces, medianRangeYears, flips }] of Object.entries<Record<string, number>>(JSON.parse(stdout))) {
    context.diagnostic(`${faces} ${name}: median range ${medianRangeYears.toFixed(2)} years, flips ${(100 * flips).toFixed(2)} %`);
    assert.equal(faces, 500);
    assert.ok(medianRangeYears < 2.65, `${medianRangeYears} years`);
    assert.ok(flips <= 0.015, `${flips}`);
  }
});
