import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byDecade } from '../../lib/data/bands';
import type { FaceRecord } from '../../lib/data/record';
import { ageHistogram, genderAgainstAge, genderBalance, splitFigure, tailSplitFigure } from '../../lib/figures/dataset';
import { marked } from '../../lib/figures/figure';
import { metricFigure } from '../../lib/figures/history';
import { multiplyAddsByLayer } from '../../lib/figures/model';
import { errorByAgeBand, predictedAgainstTrueAge } from '../../lib/figures/prediction';
import { BASELINES, everyFigure, networkLayers, realHistory } from '../figures';

const face = (ageYears: number, gender: 0 | 1): FaceRecord => ({ file: `${ageYears}.jpg`, sha256: '', ageYears, gender, race: 0 });

test('every figure has a title, a reading in one sentence, and a text that says which kind of figure it is, all with numbers', () => {
  for (const figure of everyFigure()) {
    assert.notEqual(figure.title, '');
    assert.match(figure.reading, /^[A-Z][^\n]*\d[^\n]*\.$/, figure.title);
    assert.doesNotMatch(figure.reading, /[.!?] [A-Z]/, 'one sentence');
    assert.match(figure.alt, /^.*(chart|plot|curves|Histogram).*\d.*\.$/, figure.title);
    assert.ok(!figure.alt.includes(figure.title) && !figure.alt.includes(figure.reading), figure.title);
    assert.doesNotMatch(JSON.stringify(figure), /NaN|null|undefined/, figure.title);
  }
});

test('every axis of numbers says its unit, or what it counts', () => {
  for (const { title, layout } of everyFigure()) {
    const known = layout as Readonly<Record<string, { readonly type?: string; readonly title: { readonly text: string } }>>;
    const axes = Object.entries(known).filter(([name]) => /^[xy]axis/.test(name));
    assert.ok(axes.length >= 2, title);
    for (const [name, { type, title: words }] of axes) {
      const shared = /^yaxis\d/.test(name) && words.text === ''; // beside another axis of the same range, which has the words
      if (type !== 'category' && !shared) assert.match(words.text, /\(.+\)$|^Number of |^Epoch$/, `${title}, ${name}`);
    }
  }
});

test('a reading says where the curve came from, where it is, how far from the baseline, and which epoch was better', () => {
  const [first, second] = realHistory();
  const record = (epoch: number, genderAccuracy: number, genderLoss: number) => ({
    ...first,
    epoch,
    validation: { ...first.validation, genderAccuracy, genderLoss },
  });
  const history = [record(1, 0.781, 0.5), record(2, 0.9, 0.2), record(3, 0.89, 0.25)];
  assert.equal(
    metricFigure(history, 'genderAccuracy', 1, BASELINES).reading,
    'Gender accuracy on validation faces rises from 78.1 to 89.0 % (at best 90.0 %, after epoch 2), 37.0 points above the baseline.',
  );
  assert.equal(
    metricFigure(history, 'genderLoss', 1, BASELINES).reading,
    'Gender loss on validation faces falls from 0.500 to 0.250 nats (at best 0.200, after epoch 2), 0.442 nats below the baseline.',
  );
  assert.equal(
    metricFigure([record(1, 0.5198, 1)], 'genderAccuracy', 1, BASELINES).reading,
    'Gender accuracy on validation faces is at 52.0 %, as the baseline.',
  );
  assert.equal(metricFigure([second], 'ageMaeYears', 2).reading, 'Nothing is trained yet.');
});

test('readings of other figures are computed from what they show', () => {
  const faces = [face(10, 1), face(12, 1), face(31, 0), face(33, 1)];
  assert.equal(ageHistogram(faces).reading, 'The fullest bin, 10 to 14 years, holds 50.0 % of the faces; the median age is 22 years.');
  assert.equal(genderBalance(faces).reading, 'The most frequent label is female, on 75.0 % of the faces; the rarest is male, on 25.0 %.');
  assert.equal(genderAgainstAge(faces).reading, "Of a band's faces between 50 % (ages 30–39) and 100 % (ages 10–19) are annotated female.");
  assert.equal(
    splitFigure({ training: faces.slice(0, 2), validation: faces.slice(2) }).reading,
    'The mean ages of the two sides are 21.0 years apart.',
  );
  const answered = [12, 18, 30].map((ageYears, index) => ({ record: faces[index], prediction: { ageYears, femaleProbability: 0 } }));
  assert.equal(
    predictedAgainstTrueAge(answered).reading,
    'Predicted ages are 3.0 years off on average, and half of them by no more than 2.0 years.',
  );
  assert.equal(
    errorByAgeBand(answered, 12).reading,
    'The error lies between 1.0 years (ages 30–39) and 4.0 years (ages 10–19), and below the baseline in 1 of 2 bands.',
  );
});

test('a figure of faces says that they are drawn, those of the network alone and of a photo do not', () => {
  const titles = everyFigure().map((figure) => marked(figure, 'drawn faces').title);
  const unmarked = titles.filter((title) => !title.endsWith(' (drawn faces)'));
  assert.deepEqual(unmarked, ['Where the arithmetic is', 'How far the age moves with the frame']);
});

test('the second session is plotted as epochs 19 to 36, and the joined curve has a border between the sessions', () => {
  const history = realHistory();
  const second = metricFigure(history, 'ageLoss', 2, BASELINES);
  assert.deepEqual(
    second.data[0].x,
    Array.from({ length: 18 }, (_, index) => 19 + index),
  );
  assert.deepEqual(
    second.data[1].y,
    history.slice(18).map((record) => record.validation.ageLoss),
  );
  assert.equal(second.layout.shapes, undefined);
  assert.equal(metricFigure(history, 'ageLoss', 'joined').layout.shapes?.[0].x0, 18.5);
});

test('training and validation differ in more than colour', () => {
  const [training, validation] = metricFigure(realHistory(), 'genderLoss', 1).data;
  assert.notEqual(training.line?.dash, validation.line?.dash);
  assert.notEqual(training.marker?.symbol, validation.marker?.symbol);
});

test('the baseline is a labelled level line, and the age loss says its unit', () => {
  const figure = metricFigure(realHistory(), 'ageMaeYears', 1, BASELINES);
  assert.equal(figure.data[2].name, 'Baseline, always the median, 29.0 years: 15.1 years');
  assert.deepEqual(figure.data[2].y, [BASELINES.ageMaeYears, BASELINES.ageMaeYears]);
  assert.match(metricFigure(realHistory(), 'ageLoss', 1, BASELINES).data[2].name ?? '', /^Baseline, always the mean, 33\.2 years/);
  assert.match(JSON.stringify(metricFigure(realHistory(), 'ageLoss', 1, BASELINES, 'years').layout.yaxis), /years²/);
  assert.match(JSON.stringify(metricFigure(realHistory(), 'ageLoss', 1, BASELINES).layout.yaxis), /standard deviations²/);
});

test('a session that is still running is drawn as far as it got', () => {
  assert.deepEqual(metricFigure(realHistory().slice(0, 20), 'genderLoss', 2, BASELINES).data[0].x, [19, 20]);
});

test('ages fall into bins that start at 0, and into decades with all from 80 on in one', () => {
  const [bars] = ageHistogram([0, 4, 5, 19].map((ageYears) => face(ageYears, 0))).data;
  assert.deepEqual(
    [bars.x, bars.y],
    [
      [2.5, 7.5, 12.5, 17.5],
      [2, 1, 0, 1],
    ],
  );
  const bands = byDecade([9, 10, 80, 116], (age) => age).map(({ label, items }) => [label, items.length]);
  assert.deepEqual(bands, [
    ['0–9', 1],
    ['10–19', 1],
    ['80+', 2],
  ]);
});

test('gender against age gives the share of female faces and the count of each band', () => {
  const figure = genderAgainstAge([face(5, 1), face(6, 0), face(25, 1)]);
  assert.deepEqual(figure.data[0].x, ['0–9<br>2', '20–29<br>1']);
  assert.deepEqual(figure.data[0].y, [0.5, 1]);
});

test('the tail of the file order is the last fifth', () => {
  const records = [20, 20, 20, 20, 20, 20, 20, 20, 70, 80].map((ageYears) => face(ageYears, 0));
  assert.match(tailSplitFigure(records).alt, /First 80 % \(mean 20.0 years\), Last 20 % \(mean 75.0 years\)/);
});

test('errors by band keep their sign where it is asked for, and carry the constant answer', () => {
  const point = (annotatedYears: number, ageYears: number) => ({
    record: face(annotatedYears, 0),
    prediction: { ageYears, femaleProbability: 0 },
  });
  const [error, bias, baseline] = errorByAgeBand([point(10, 13), point(12, 7), point(40, 30)], 20).data;
  assert.deepEqual(error.y, [4, 10]);
  assert.deepEqual(bias.y, [-1, -10]);
  assert.deepEqual(baseline.y, [9, 20]);
});

test('the arithmetic of the network is shown block by block, in the order of the network', () => {
  for (const ageHead of ['unit', 'distribution'] as const) {
    const figure = multiplyAddsByLayer(networkLayers(ageHead));
    const blocks = Array.from({ length: 17 }, (_, index) => `block ${index}`);
    const heads = ageHead === 'unit' ? ['age', 'gender'] : ['age_distribution', 'gender', 'age'];
    assert.deepEqual([...(figure.layout.xaxis?.categoryarray ?? [])].sort(), ['Conv', ...blocks, 'Conv_1', ...heads].sort());
    assert.deepEqual(figure.layout.xaxis?.categoryarray?.slice(0, 19), ['Conv', ...blocks, 'Conv_1']);
    const bars = figure.data.map(({ name, x }) => [name, x?.length]);
    assert.deepEqual(bars.slice(0, 3), [
      ['1 × 1, expanding', 16],
      ['3 × 3, each channel alone', 17],
      ['1 × 1, projecting', 17],
    ]);
  }
});
