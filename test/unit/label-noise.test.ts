import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normal, seededRandom } from '../../lib/base/random';
import { mean } from '../../lib/data/bands';
import type { DuplicateGroup, Face, Gender } from '../../lib/data/record';
import { labelNoise } from '../../lib/evaluation/label-noise';
import { labelNoiseFigure } from '../../lib/figures/evaluation';

const SCORES = { model: { ageMaeYears: 4.4, genderAccuracy: 0.95 }, baseline: { ageMaeYears: 15, genderAccuracy: 0.52 } };

function copies(...labels: readonly (readonly [ageYears: number | undefined, gender: Gender])[]): DuplicateGroup {
  const records = labels.map(
    ([ageYears, gender], index): Face => ({ file: `${index}`, sha256: '', gender, ...(ageYears !== undefined && { ageYears }) }),
  );
  return { records, agesDiffer: true, gendersDiffer: true, leftOut: true };
}

const noiseOf = (...exactDuplicates: readonly DuplicateGroup[]) => labelNoise({ exactDuplicates, nearDuplicates: [] });

test('every two of a group are a pair, and those labelled alike are counted apart', () => {
  const noise = noiseOf(copies([20, 0], [26, 0], [20, 0]), copies([30, 1], [30, 1]), copies([40, 1], [44, 0]));
  assert.equal(noise.copies.pairs, 5);
  assert.equal(noise.copies.meanYears, 16 / 5);
  assert.equal(noise.copies.medianYears, 4);
  assert.equal(noise.copies.gendersDiffer, 1 / 5);
  assert.deepEqual([noise['copies under two labels'].pairs, noise['copies under two labels'].meanYears], [3, 16 / 3]);
  assert.equal(noise['near copies'].pairs, 0);
});

test('from labels that err alike, what a reader who knows the truth is found to err by is told', () => {
  const random = seededRandom(1);
  const errors: number[] = [];
  const wrong = (): Gender => (random() < 0.06 ? 0 : 1);
  const label = () => {
    errors.push(5 * normal(random));
    return [50 + errors[errors.length - 1], wrong()] as const;
  };
  const { perfectReader } = noiseOf(...Array.from({ length: 20_000 }, () => copies(label(), label()))).copies;
  const truth = mean(errors.map(Math.abs));
  assert.ok(Math.abs((perfectReader.ageMaeYears ?? 0) - truth) < 0.05, `${perfectReader.ageMaeYears} for ${truth} years`);
  assert.ok(Math.abs((perfectReader.genderAccuracy ?? 0) - 0.94) < 0.004, `${perfectReader.genderAccuracy} for 0.94`);
});

test('copies of unknown age tell of gender alone', () => {
  const { pairs, meanYears, medianYears, gendersDiffer, perfectReader } = noiseOf(copies([undefined, 0], [30, 1])).copies;
  assert.deepEqual([pairs, meanYears, medianYears, gendersDiffer, perfectReader.ageMaeYears], [1, null, null, 1, null]);
  assert.equal(perfectReader.genderAccuracy, 0.5, 'labels that always differ are worth a coin');
});

test('the floor stands beside the model and the answer without looking', () => {
  const { data, alt } = labelNoiseFigure(noiseOf(copies([20, 0], [26, 0]), copies([30, 0], [30, 0])), SCORES.model, SCORES.baseline);
  assert.deepEqual(data[0].y, [3 / Math.SQRT2, 6 / Math.SQRT2, 4.4, 15]);
  assert.match(alt, /by 2 pairs of copies 2\.1 years.*the model 4\.4 years.*median age 15\.0 years\.$/);
});

test('where no picture is there twice, the figure says that nothing is known of the labels', () => {
  const { data, reading } = labelNoiseFigure(noiseOf(), SCORES.model, SCORES.baseline);
  assert.deepEqual(data[0].y, [4.4, 15]);
  assert.match(reading, /no picture is in these data twice/);
});
