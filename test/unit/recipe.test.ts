/** The recipe's parts: labels as distributions, the learning rate's way, the average's share, settings laid over presets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../lib/config';
import { AGE_BINS, softAgeLabels, softGenderLabels } from '../../lib/model/objective';
import { learningRateAt } from '../../lib/training/schedule';
import { shareAfter } from '../../lib/training/step';

test('a soft age label sums to 1, has its mean at the age, and is symmetric around it', () => {
  const labels = softAgeLabels([40, 1, 116], 2.5);
  for (const row of [0, 1, 2]) {
    const sum = labels.subarray(row * AGE_BINS, (row + 1) * AGE_BINS).reduce((total, share) => total + share, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6);
  }
  const mean = labels.subarray(0, AGE_BINS).reduce((total, share, year) => total + share * year, 0);
  assert.ok(Math.abs(mean - 40) < 1e-4);
  assert.equal(labels[38], labels[42]);
  // The normal density at its centre, 1 / (2.5 sqrt(2 pi)).
  assert.ok(Math.abs(labels[40] - 0.159577) < 1e-5);
});

test('a smoothed gender label gives both answers their share', () => {
  assert.deepEqual([...softGenderLabels([0, 1], 0)], [1, 0, 0, 1]);
  assert.deepEqual(
    [...softGenderLabels([1], 0.1)].map((share) => Number(share.toFixed(6))),
    [0.05, 0.95],
  );
});

test('the learning rate rises in equal strides, then falls along half a cosine to 0', () => {
  const schedule = { warmUpSteps: 4, decay: 'cosine' } as const;
  const rates = Array.from({ length: 104 }, (_, step) => learningRateAt(schedule, 8, step, 104));
  assert.deepEqual(rates.slice(0, 5), [2, 4, 6, 8, 8]);
  assert.ok(Math.abs(rates[54] - 4) < 1e-9, 'half of it half way');
  assert.ok(rates[103] > 0 && rates[103] < 0.01);
  assert.equal(learningRateAt({ warmUpSteps: 0, decay: 'constant' }, 1e-4, 77, 100), 1e-4);
});

test('the average follows quickly at first and slowly later', () => {
  assert.ok(Math.abs(shareAfter(1, 0.999) - (1 - 2 / 11)) < 1e-12);
  assert.ok(Math.abs(shareAfter(100_000, 0.999) - 0.001) < 1e-12);
});

test('parts of a recipe lie over the preset entry by entry', () => {
  const config = resolveConfig({ preset: 'best', objective: { genderSmoothing: 0 }, augmentation: { erasing: 0 }, averageDecay: 0 });
  const preset = resolveConfig({ preset: 'best' });
  assert.deepEqual(config, {
    ...preset,
    averageDecay: 0,
    objective: { ...preset.objective, genderSmoothing: 0 },
    augmentation: { ...preset.augmentation, erasing: 0 },
  });
  assert.equal(resolveConfig({ preset: 'best', augmentation: null }).augmentation, null);
});

test('a recipe that cannot work is refused by the setting that is at fault', () => {
  const refused: readonly [Parameters<typeof resolveConfig>[0], RegExp][] = [
    [{ preset: 'best', augmentation: { cropPx: 192 } }, /augmentation\.cropPx 192: expected at most imageSize/],
    [{ preset: 'best', augmentation: { erasing: 2 } }, /augmentation\.erasing 2: expected a number from 0 to 1/],
    [{ preset: 'best', ageScale: 'standardised' }, /ageHead "distribution" answers in years/],
    [{ preset: 'best', objective: { ageLabelSdYears: 0 } }, /objective\.ageDistribution needs/],
    [{ preset: 'classic', objective: { ageDistribution: 1 } }, /objective\.ageDistribution needs/],
    [{ preset: 'best', averageDecay: 1 }, /averageDecay 1/],
    [{ preset: 'best', imageSize: 100 }, /multiple of 16/],
    [{ preset: 'best', schedule: { warmUpSteps: -1 } }, /warmUpSteps -1/],
    [JSON.parse('{"preset":"best","objective":{"gendr":1}}'), /"gendr": expected one of/],
    [JSON.parse('{"preset":"best","judgedBy":"me"}'), /judgedBy "me"/],
  ];
  for (const [settings, message] of refused) assert.throws(() => resolveConfig(settings), message);
});
