/** Every metric and interval against NumPy's, SciPy's and scikit-learn's on the same real answers; test/reference/make_statistics.py made theirs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../lib/base/random';
import type { Face, Gender } from '../../lib/data/record';
import { ageMetrics, cumulativeScore } from '../../lib/evaluation/age-metrics';
import { bootstrap, type Estimate, percentile } from '../../lib/evaluation/bootstrap';
import { type Answered, errorYears, isRight } from '../../lib/evaluation/evaluate';
import {
  areaUnderRoc,
  calibrationCurve,
  confusionMatrix,
  expectedCalibrationError,
  genderMetrics,
  rocCurve,
} from '../../lib/evaluation/gender-metrics';
import { differenceOf } from '../compare/difference';
import { referencePath } from '../reference/reference';

const LOOKS = ['once', 'averaged'] as const;
type Look = (typeof LOOKS)[number];

/** `cluster` counts from 0 in the order of the faces. */
interface Statistics {
  readonly faces: {
    readonly ageYears: readonly number[];
    readonly gender: readonly Gender[];
    readonly cluster: readonly number[];
  } & Readonly<Record<Look, { readonly ageYears: readonly number[]; readonly femaleProbability: readonly number[] }>>;
  readonly age: Readonly<Record<Look, Readonly<Record<string, number>> & { readonly cumulativeScore: readonly number[] }>>;
  readonly gender: Readonly<
    Record<
      Look,
      {
        readonly accuracy: number;
        readonly balancedAccuracy: number;
        readonly areaUnderRoc: number;
        readonly confusionMatrix: readonly (readonly number[])[];
        readonly rocCurve: readonly (readonly number[])[];
        readonly calibration: Readonly<
          Record<string, { readonly accuracy: number[]; readonly confidence: number[]; readonly expectedCalibrationError: number }>
        >;
      }
    >
  >;
  readonly percentiles: readonly (readonly [percent: number, value: number])[];
  readonly resamples: number;
  readonly ungrouped: Readonly<Record<string, Estimate>>;
  readonly draws: readonly (readonly number[])[];
  readonly clustered: Readonly<Record<string, Estimate>>;
}

const reference: Statistics = JSON.parse(readFileSync(referencePath('statistics.json'), 'utf8'));
const { faces } = reference;

/** The faces with what one look says of them; `sha256` is the face's number. */
function answersOf(look: Look): Answered[] {
  return faces.ageYears.map((ageYears, index) => ({
    record: { file: '', sha256: String(index), ageYears, gender: faces.gender[index] },
    prediction: { ageYears: faces[look].ageYears[index], femaleProbability: faces[look].femaleProbability[index] },
  }));
}

const saidOf = (look: Look) => faces.gender.map((label, index) => ({ p: faces[look].femaleProbability[index], label }));
const clusterOf = ({ record }: { readonly record: Face }) => faces.cluster[Number(record.sha256)];

function same(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9, `${what}: ${actual}, expected ${expected}`);
}

function sameAll(actual: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (const [index, value] of actual.entries()) same(value, expected[index], `${what}, ${index}`);
}

/** What is estimated: a measure of one look, or the difference of it between the looks. */
const ESTIMATES = (['ageMaeYears', 'genderAccuracy'] as const).flatMap((what) => {
  const measure = what === 'ageMaeYears' ? errorYears : isRight;
  const own = LOOKS.map((look) => {
    const estimate = (some: (answered: Answered) => boolean, cluster: typeof clusterOf, random: Random, resamples: number) =>
      bootstrap(answersOf(look).filter(some), measure, cluster, random, resamples);
    return { name: `${look}.${what}`, estimate };
  });
  const averaged = answersOf('averaged');
  const apart = (answered: Answered) => measure(averaged[Number(answered.record.sha256)]) - measure(answered);
  const between: (typeof own)[number]['estimate'] = (some, cluster, random, resamples) =>
    bootstrap(answersOf('once').filter(some), apart, cluster, random, resamples);
  return [...own, { name: `difference.${what}`, estimate: between }];
});

test("age metrics are scikit-learn's, and the cumulative score is NumPy's", () => {
  for (const look of LOOKS) {
    const errorsYears = answersOf(look).map(({ record, prediction }) => prediction.ageYears - record.ageYears);
    const { cumulativeScore: scores, ...expected } = reference.age[look];
    const metrics = ageMetrics(errorsYears);
    assert.deepEqual(Object.keys(metrics), Object.keys(expected));
    for (const [name, value] of Object.entries(metrics)) same(value, expected[name], `${look}, ${name}`);
    sameAll(cumulativeScore(errorsYears, 20), scores, `${look}, cumulative score`);
  }
});

test("gender metrics, the ROC curve with its ties and the area under it are scikit-learn's", () => {
  for (const look of LOOKS) {
    const said = saidOf(look);
    const expected = reference.gender[look];
    const { accuracy, balancedAccuracy, areaUnderRoc: area, expectedCalibrationError: error } = genderMetrics(said);
    same(accuracy, expected.accuracy, 'accuracy');
    same(balancedAccuracy, expected.balancedAccuracy, 'balanced accuracy');
    same(area, expected.areaUnderRoc, 'area under the ROC curve');
    same(error, expected.calibration[15].expectedCalibrationError, 'expected calibration error');
    assert.deepEqual(confusionMatrix(said), expected.confusionMatrix);
    assert.ok(expected.rocCurve.length < said.length / 2, 'these faces have ties');
    sameAll(rocCurve(said).flat(), expected.rocCurve.flat(), 'ROC curve');
  }
});

test("calibration curves are scikit-learn's for whatever number of bins, and their mean distance is NumPy's", () => {
  for (const look of LOOKS) {
    for (const [bins, { accuracy, confidence, expectedCalibrationError: error }] of Object.entries(reference.gender[look].calibration)) {
      const curve = calibrationCurve(saidOf(look), Number(bins));
      sameAll(
        curve.map((bin) => bin.accuracy),
        accuracy,
        `${look}, ${bins} bins, accuracy`,
      );
      sameAll(
        curve.map((bin) => bin.confidence),
        confidence,
        `${look}, ${bins} bins, confidence`,
      );
      assert.equal(
        curve.reduce((sum, { count }) => sum + count, 0),
        faces.gender.length,
      );
      same(expectedCalibrationError(saidOf(look), Number(bins)), error, `${look}, ${bins} bins, expected calibration error`);
    }
  }
});

test("percentiles are NumPy's, between values too", () => {
  const sorted = [...faces.once.ageYears].sort((a, b) => a - b);
  for (const [percent, value] of reference.percentiles) same(percentile(sorted, percent), value, `${percent} %`);
});

test("where every face is drawn by itself, each end of an interval is within 3 % of its width of SciPy's, paired too", () => {
  const alone = ({ record }: { readonly record: Face }) => Number(record.sha256);
  for (const { name, estimate } of ESTIMATES) {
    const expected = reference.ungrouped[name];
    const { value, low, high } = estimate(() => true, alone, seededRandom(1), reference.resamples);
    const most = 0.03 * (expected.high - expected.low);
    same(value, expected.value, name);
    assert.ok(Math.abs(low - expected.low) < most, `${name}: from ${low}, SciPy from ${expected.low}`);
    assert.ok(Math.abs(high - expected.high) < most, `${name}: to ${high}, SciPy to ${expected.high}`);
  }
});

test('the sums of clusters give what a loop over their faces gives for the same draws', () => {
  const { draws } = reference;
  const count = draws[0].length;
  const some = (answered: Answered) => clusterOf(answered) < count;
  assert.ok(answersOf('once').filter(some).length > count, 'some clusters hold several faces');
  for (const { name, estimate } of ESTIMATES) {
    const picks = draws.flat();
    let used = 0;
    const estimated = estimate(some, clusterOf, () => (picks[used++] + 0.5) / count, draws.length);
    assert.equal(used, picks.length, 'every draw was used');
    const { value, low, high } = reference.clustered[name];
    sameAll([estimated.value, estimated.low, estimated.high], [value, low, high], name);
  }
});

test('of two models the second is worse in what it is worse in on every draw, and alike in what is the same', () => {
  const once = answersOf('once');
  const older = once.map((face) => ({
    ...face,
    prediction: { ...face.prediction, ageYears: face.record.ageYears + errorYears(face) + 1 },
  }));
  const clusters = [['0', '1', '2']];
  const { ageMaeYears, genderAccuracy } = differenceOf([once, older], { clusters }, seededRandom(1));
  for (const figure of ['value', 'low', 'high'] as const) same(ageMaeYears?.[figure] ?? Number.NaN, 1, `age, ${figure}`);
  assert.deepEqual(genderAccuracy, { value: 0, low: 0, high: 0 });
});

test('the difference of two models is known far better than either error, for a face that is hard is so for both', () => {
  const [once, averaged] = LOOKS.map(answersOf);
  const { ageMaeYears } = differenceOf([once, averaged], { clusters: [] }, seededRandom(1));
  const own = bootstrap(once, errorYears, clusterOf, seededRandom(1));
  assert.ok(ageMaeYears && 3 * (ageMaeYears.high - ageMaeYears.low) < own.high - own.low);
});

test('faces of unknown age say nothing of a difference in age', () => {
  const unaged = (look: Look): Answered<Face>[] =>
    answersOf(look).map(({ record: { ageYears: _, ...record }, prediction }) => ({ record, prediction }));
  const { ageMaeYears, genderAccuracy } = differenceOf([unaged('once'), unaged('averaged')], { clusters: [] }, seededRandom(1));
  assert.equal(ageMaeYears, null);
  same(genderAccuracy?.value ?? Number.NaN, reference.ungrouped['difference.genderAccuracy'].value, 'gender');
});

test('faces that are all of one gender have no area under a ROC curve, and a constant answer has half of it', () => {
  const said = saidOf('once');
  assert.ok(Number.isNaN(areaUnderRoc(said.filter(({ label }) => label === 0))));
  same(areaUnderRoc(said.map(({ label }) => ({ p: 1, label }))), 0.5, 'area');
});
