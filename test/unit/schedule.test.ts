/** The learning rate's way over a run of 100 steps: two sessions of five epochs, ten steps each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Schedule } from '../../lib/config';
import { forCoolDown } from '../../lib/images/augment';
import { PRESETS } from '../../lib/presets';
import { learningRateAt, phasesOf } from '../../lib/training/schedule';

const SESSIONS: Config['sessions'] = [
  { trainable: 'all', epochs: 5, learningRate: 1 },
  { trainable: 'all', epochs: 5, learningRate: 1 },
];

const rates =
  (schedule: Schedule, { sessions = SESSIONS, coolDown = { epochs: 0, learningRate: 0.5 } }: Partial<Config> = {}) =>
  (step: number) =>
    learningRateAt({ schedule, sessions, coolDown }, step, 10);

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `expected ${expected}, got ${actual}`);
}

test('it rises in equal strides, and stays', () => {
  const at = rates({ warmUpSteps: 4, decay: 'constant' });
  assert.deepEqual([0, 1, 2, 3, 4, 99].map(at), [0.25, 0.5, 0.75, 1, 1, 1]);
});

test('it falls along half a cosine, from the warm-up on', () => {
  const at = rates({ warmUpSteps: 20, decay: 'cosine' });
  assert.equal(at(20), 1);
  assertNear(at(60), 0.5);
  assert.ok(at(99) > 0 && at(99) < 0.001);
});

test('each session has its own height', () => {
  const at = rates({ warmUpSteps: 0, decay: 'constant' }, { sessions: [SESSIONS[0], { ...SESSIONS[1], learningRate: 2 }] });
  assert.deepEqual([0, 49, 50, 99].map(at), [1, 1, 2, 2]);
});

test('the epochs that cool down have a fall of their own, after that of the others', () => {
  const at = rates({ warmUpSteps: 20, decay: 'cosine' }, { coolDown: { epochs: 2, learningRate: 0.5 } });
  assertNear(at(50), 0.5);
  assert.ok(at(79) < 0.001);
  assert.equal(at(80), 0.5);
  assertNear(at(90), 0.25);
  assert.ok(at(99) > 0 && at(99) < 0.005);
});

test('heads alone do not cool down, and no more epochs do than session 2 has', () => {
  const coolDown = { epochs: 9, learningRate: 0.5 };
  const constant: Schedule = { warmUpSteps: 0, decay: 'constant' };
  assert.equal(rates(constant, { coolDown })(49), 1);
  assert.equal(rates(constant, { coolDown })(50), 0.5);
  assert.equal(rates(constant, { coolDown, sessions: [SESSIONS[0], { ...SESSIONS[1], trainable: 'heads' }] })(99), 1);
});

test('the phases of a run: heads see features, whole networks augmented faces, and the last epochs of session 2 cool down', () => {
  const { classic, best } = PRESETS;
  const { augmentation } = best;
  assert.ok(augmentation);
  assert.deepEqual(phasesOf({ ...classic, augmentation }), [
    { session: 1, firstEpoch: 1, lastEpoch: 5, trainable: 'heads', augmentation: null },
    { session: 2, firstEpoch: 1, lastEpoch: 5, trainable: 'all', augmentation },
  ]);
  assert.deepEqual(phasesOf(best), [
    { session: 1, firstEpoch: 1, lastEpoch: 18, trainable: 'all', augmentation },
    { session: 2, firstEpoch: 1, lastEpoch: 8, trainable: 'all', augmentation },
    { session: 2, firstEpoch: 9, lastEpoch: 18, trainable: 'all', augmentation: forCoolDown(augmentation, best.imageSizePx) },
  ]);
  assert.equal(phasesOf({ ...best, coolDown: { ...best.coolDown, epochs: 99 } }).length, 2, 'a phase without epochs is none');
});
