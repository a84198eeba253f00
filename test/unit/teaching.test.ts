import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_OBJECTIVE } from '../../lib/config';
import { AGE_BINS } from '../../lib/model/interval';
import { labelSds, softAgeLabels, taughtLabels } from '../../lib/training/labels';

const OBJECTIVE = {
  ...PLAIN_OBJECTIVE,
  ageDistribution: 1,
  ageLabelSdYears: 3.5,
  ageLabelSdGrowth: 0.08,
  genderSmoothing: 0.1,
};

/** Mean and spread of a distribution over years. */
function moments(row: Float32Array) {
  const middle = row.reduce((sum, share, year) => sum + share * year, 0);
  return { middle, sd: Math.sqrt(row.reduce((sum, share, year) => sum + share * (year - middle) ** 2, 0)) };
}

test('labels spread with age up to a most, or are spread alike', () => {
  const close = (actual: Float32Array, expected: readonly number[]) => {
    for (const [index, value] of expected.entries())
      assert.ok(Math.abs(actual[index] - value) < 1e-6, `${actual[index]}, expected ${value}`);
  };
  close(labelSds(Float32Array.of(0, 10, 36, 90), 3.5, 0.08), [0.6, 1.4, 3.48, 3.5]);
  close(labelSds(Float32Array.of(0, 10, 36, 90), 2.5, 0), [2.5, 2.5, 2.5, 2.5]);
  const { middle, sd } = moments(softAgeLabels([40], [3]));
  assert.ok(Math.abs(middle - 40) < 1e-4 && Math.abs(sd - 3) < 1e-3, `${middle}, ${sd}`);
});

test('pictures that are mixed are taught mixed labels', () => {
  const batch = { ages: Float32Array.of(20, 60), genders: Int32Array.of(0, 1), shares: Float32Array.of(0.25, 0) };
  const { ages, ageLabels, genderLabels } = taughtLabels(batch, OBJECTIVE);
  assert.deepEqual([...ages], [30, 60]);
  assert.ok(Math.abs(moments(ageLabels.subarray(0, AGE_BINS)).middle - 30) < 1e-3);
  assert.ok(Math.abs(genderLabels[1] - (0.75 * 0.05 + 0.25 * 0.95)) < 1e-6);
});
