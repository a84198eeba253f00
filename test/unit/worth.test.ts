/** What the demo's page says of its model before anybody believes an answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { About } from '../../lib/demo/about';
import { leadOf, worthOf } from '../../lib/demo/page/worth';

const FACTS = { sizePx: 96, baseline: { meanAgeYears: 33, medianAgeYears: 30, majorityGender: 0 } } as const;
const DRAWN: About = {
  run: 'monday',
  data: { kind: 'drawn', label: 'drawn faces', trainingFaces: 1631, validationFaces: 158 },
  weights: 'imagenet',
  result: { model: { ageMaeYears: 6.66, genderAccuracy: 0.899 }, baseline: { ageMaeYears: 16.21, genderAccuracy: 0.557 } },
  facts: FACTS,
};

test('a model of drawn faces says that it guesses on others, and what its base has seen', () => {
  assert.match(
    leadOf(DRAWN),
    /run monday has learned from 1,631 faces that a program drew\. Of people it has only ever seen drawings: .* guesses/,
  );
  const bundled = leadOf({ ...DRAWN, weights: 'bundled' });
  assert.match(bundled, /base began as the course’s own model, which knows photos.*guesses/);
  assert.doesNotMatch(bundled, /only ever/);
  assert.match(
    leadOf({ ...DRAWN, run: null, data: { ...DRAWN.data!, kind: 'utkface' } }),
    /comes with the course has learned from 1,631 faces of UTKFace\.$/,
  );
  assert.match(leadOf({ run: 'old', facts: FACTS }), /does not say what it learned from/);
});

test('how wrong it is stands beside the answer without looking, and nothing is made up where nothing was measured', () => {
  const [result] = worthOf(DRAWN);
  assert.match(result, /158 faces .* 6\.7 years off .* answering 30 years, without looking, is 16\.2 years off/);
  assert.match(result, /binary, as annotated\) agrees with the label of 89\.9 %; always answering male, of 55\.7 %/);
  const { result: _, ...unmeasured } = DRAWN;
  assert.doesNotMatch(worthOf(unmeasured)[0], /\d/);
});

test('an interval is spoken of only where the model has one, and labels as what they are', () => {
  const coverage = (about: About) => worthOf(about).some((text) => /brackets hold the label of 80 %/.test(text));
  assert.equal(coverage(DRAWN), false);
  assert.equal(coverage({ ...DRAWN, facts: { ...FACTS, ageIntervals: { coverage: 0.8, calibrationFaces: 9, bands: [] } } }), true);
  assert.ok(worthOf(DRAWN).some((text) => /wrong on purpose/.test(text)));
  assert.ok(worthOf({ ...DRAWN, data: { ...DRAWN.data!, kind: 'own' } }).some((text) => /labels are opinions/.test(text)));
  for (const kind of ['drawn', 'utkface', 'own'] as const) {
    assert.match(worthOf({ ...DRAWN, data: { ...DRAWN.data!, kind } }).join(' '), /no age checks.*Nothing leaves this machine/);
  }
});
