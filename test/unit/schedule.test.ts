/** The learning rate's way over a run of 100 steps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learningRateAt } from '../../lib/training/schedule';

const rates = (schedule: Parameters<typeof learningRateAt>[0]) => (step: number) => learningRateAt(schedule, 1, step, 100);

test('it rises in equal strides, and stays', () => {
  const at = rates({ warmUpSteps: 4, holdShare: 0, decay: 'constant' });
  assert.deepEqual([0, 1, 2, 3, 4, 99].map(at), [0.25, 0.5, 0.75, 1, 1, 1]);
});

test('it falls along half a cosine, from the warm-up on', () => {
  const at = rates({ warmUpSteps: 20, holdShare: 0, decay: 'cosine' });
  assert.equal(at(20), 1);
  assert.ok(Math.abs(at(60) - 0.5) < 1e-12);
  assert.ok(at(99) > 0 && at(99) < 0.001);
});

test('it stays for a share of the run before it falls, and for no less than the warm-up', () => {
  const at = rates({ warmUpSteps: 4, holdShare: 0.6, decay: 'cosine' });
  assert.deepEqual([3, 4, 59, 60].map(at), [1, 1, 1, 1]);
  assert.ok(Math.abs(at(80) - 0.5) < 1e-12);
  assert.equal(rates({ warmUpSteps: 20, holdShare: 0.1, decay: 'cosine' })(20), 1);
});
