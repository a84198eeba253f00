import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Face } from '../../lib/data/record';
import type { Answered } from '../../lib/evaluation/evaluate';
import { abroadPage, dropText, inRanges, rangesOf, type Side } from '../abroad/abroad';

const BASELINE = { medianAgeYears: 29, majorityGender: 0 } as const;

function answer(known: Pick<Face, 'ageYears' | 'ageRangeYears'>, ageYears: number, femaleProbability = 0.9): Answered<Face> {
  return { record: { file: '', sha256: '', gender: 1, ...known }, prediction: { ageYears, femaleProbability } };
}

const estimate = (value: number, margin: number) => ({ value, low: value - margin, high: value + margin });
const abroadAnswers = [
  answer({ ageRangeYears: [70, null] }, 64),
  answer({ ageRangeYears: [20, 29] }, 24),
  answer({ ageRangeYears: [20, 29] }, 31, 0.2),
];
const homeAnswers = [answer({ ageYears: 29.9 }, 29), answer({ ageYears: 70 }, 75), answer({ ageYears: 45 }, 45), answer({}, 30)];

test('ages at home are held against the ranges that are known abroad, so far as they lie in one', () => {
  const ranges = rangesOf(abroadAnswers);
  assert.deepEqual(ranges, [
    [20, 29],
    [70, null],
  ]);
  assert.deepEqual(
    inRanges(homeAnswers, ranges).map(({ record }) => record.ageRangeYears),
    [
      [20, 29],
      [70, null],
    ],
  );
});

test('a drop within its interval is said to be one that chance may have made', () => {
  assert.equal(dropText(estimate(0.95, 0.01), estimate(0.78, 0.03)), '17.0 points fewer');
  assert.equal(dropText(estimate(0.8, 0.03), estimate(0.78, 0.03)), '2.0 points fewer, which may be chance');
  assert.equal(dropText(estimate(0.7, 0.01), estimate(0.8, 0.01)), '10.0 points more');
});

test('the page has both sides with their baselines, and says the drop and who was not found', () => {
  const side = (title: string, answers: readonly Answered<Face>[], pictures?: number): Side => {
    return {
      title,
      whole: pictures !== undefined,
      pictures: pictures ?? answers.length,
      answers,
      clusterOf: (face) => answers.indexOf(face),
    };
  };
  const html = abroadPage(side('home', homeAnswers), side('abroad', abroadAnswers, 4), BASELINE, { model: 'm' });
  const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell]) => cell),
  );
  const cells = (name: string) => rows.filter(([first]) => first === name).map(([, ...others]) => others);
  assert.deepEqual(cells('face found'), [['framed already', '3 (75.0 %)']]);
  assert.deepEqual(cells('always the same gender'), [['0.0 %', '0.0 %']]);
  assert.deepEqual(cells('always the same age'), [
    ['50.0 %', '66.7 %'],
    ['19.30 years', 'not known to the year'],
  ]);
  assert.deepEqual(cells('20 to 29'), [['1', '100.0 %', '100.0 %', '2', '50.0 %', '50.0 %']]);
  assert.match(html, /agrees on 100\.0 % of perceived genders, and abroad on 66\.7 %: 33\.3 points fewer/);
  assert.match(html, /In 1 of 4 pictures abroad it finds no face at all/);
  assert.doesNotMatch(html, /NaN|https?:\/\//);
});
