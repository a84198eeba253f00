/** What a model claims at home and what it does abroad: one page, in which both columns mean the same. */
import { streamFor } from '../../lib/base/random';
import { grouped, percent, years } from '../../lib/base/text';
import { groupBy, mean } from '../../lib/data/bands';
import type { Face } from '../../lib/data/record';
import { bootstrap, type Estimate } from '../../lib/evaluation/bootstrap';
import { type Answered, errorYears, isAged, isInRange, isRight } from '../../lib/evaluation/evaluate';
import type { ModelFacts } from '../../lib/model/model-folder';
import { escapeHtml, tableHtml } from '../../lib/pages/html';
import { footerHtml, pageHtml } from '../../lib/pages/page';

type Answers = readonly Answered<Face>[];
type Range = NonNullable<Face['ageRangeYears']>;
type Baseline = Pick<ModelFacts['baseline'], 'medianAgeYears' | 'majorityGender'>;

export interface Side {
  /** "UTKFace, validation side". */
  readonly title: string;
  /** How many pictures were given: fewer may show a face that is found, where they are whole photos. */
  readonly pictures: number;
  readonly whole: boolean;
  readonly answers: Answers;
  /** What faces are drawn together by: see `bootstrap`. */
  readonly clusterOf: (face: Answered<Face>) => string | number;
}

/** The ranges that faces have, from the youngest. */
export function rangesOf(answers: Answers): readonly Range[] {
  const ranges = groupBy(
    answers.flatMap(({ record }) => (record.ageRangeYears ? [record.ageRangeYears] : [])),
    (range) => range.join(),
  );
  return [...ranges.values()].map(([range]) => range).sort(([a], [b]) => a - b);
}

/** Each face under the range that its age, in whole years, lies in, as if no more were known of it; those outside of all are left out. */
export function inRanges(answers: Answers, ranges: readonly Range[]): Answers {
  return answers.flatMap(({ record, prediction }) => {
    const age = Math.floor(record.ageYears ?? Number.NaN);
    const ageRangeYears = record.ageRangeYears ?? ranges.find(([first, last]) => age >= first && age <= (last ?? age));
    return ageRangeYears ? [{ record: { ...record, ageRangeYears }, prediction }] : [];
  });
}

/** By how many points of a hundred the second share is below the first; where the interval of the difference of two samples holds 0, that too. */
export function dropText(home: Estimate, abroad: Estimate): string {
  const drop = 100 * (home.value - abroad.value);
  const margin = 50 * Math.hypot(home.high - home.low, abroad.high - abroad.low);
  const points = `${Math.abs(drop).toFixed(1)} points ${drop >= 0 ? 'fewer' : 'more'}`;
  return Math.abs(drop) <= margin ? `${points}, which may be chance` : points;
}

/** The page, on its own. Both sides have at least one face, and the one abroad ages as ranges. */
export function abroadPage(home: Side, abroad: Side, baseline: Baseline, facts: Readonly<Record<string, unknown>>): string {
  const ranges = rangesOf(abroad.answers);
  const sides = [home, abroad].map((side) => ({ ...side, ranged: inRanges(side.answers, ranges) }));
  const sure = (answers: Answers, measure: (face: Answered<Face>) => number, { clusterOf, title }: Side) =>
    bootstrap(answers, measure, clusterOf, streamFor(1, title));
  const constant = (answers: Answers): Answers => {
    const prediction = { ageYears: baseline.medianAgeYears, femaleProbability: baseline.majorityGender };
    return answers.map(({ record }) => ({ record, prediction }));
  };
  const genders = sides.map((side) => sure(side.answers, isRight, side));
  const ages = sides.map((side) => sure(side.ranged, isInRange, side));
  const share = (answers: Answers, measure: (face: Answered<Face>) => number) =>
    answers.length > 0 ? percent(mean(answers.map(measure))) : percent(null);
  const inBins = sides.map(({ ranged }) => groupBy(ranged, ({ record }) => record.ageRangeYears?.join()));
  const bins = ranges.map((range) => [nameOf(range), ...inBins.map((byBin) => byBin.get(range.join()) ?? [])] as const);
  /** The mean over the ranges, each counted as often as abroad. */
  const alike = (measure: (face: Answered<Face>) => number) => {
    const common = bins.filter(([, own]) => own.length > 0);
    const faces = common.reduce((sum, [, , others]) => sum + others.length, 0);
    return common.reduce((sum, [, own, others]) => sum + (others.length / faces) * mean(own.map(measure)), 0);
  };
  const row = (name: string, cells: (side: (typeof sides)[number], index: number) => string) => [name, ...sides.map(cells)];
  const mae = (answers: Answers) =>
    answers.some(isAged) ? years(mean(answers.filter(isAged).map(errorYears)), 2) : 'not known to the year';
  const rows = [
    row('pictures', ({ pictures }) => grouped(pictures)),
    row('face found', ({ whole, answers, pictures }) =>
      whole ? `${grouped(answers.length)} (${percent(answers.length / pictures)})` : 'framed already',
    ),
    row('perceived gender as annotated, of faces found', (_, index) => sureText(genders[index])),
    row('always the same gender', ({ answers }) => share(constant(answers), isRight)),
    row('age, rounded, in the range annotated abroad', (_, index) => sureText(ages[index])),
    row('always the same age', ({ ranged }) => share(constant(ranged), isInRange)),
    row('mean absolute error of age', ({ answers }) => mae(answers)),
    row('always the same age', ({ answers }) => mae(constant(answers))),
    ['gender, were ages at home as common as abroad', percent(alike(isRight)), sureText(genders[1])],
    ['age in range, the same', percent(alike(isInRange)), sureText(ages[1])],
  ];
  const byRange = bins.map(([name, ...both]) => [name, ...both.flatMap((own) => [own.length, share(own, isInRange), share(own, isRight)])]);
  const words = [
    `At home the model agrees on ${percent(genders[0].value)} of perceived genders, and abroad on ${percent(genders[1].value)}: ${dropText(genders[0], genders[1])}.`,
    `Its age is in the same range of years for ${percent(ages[0].value)} of faces at home and ${percent(ages[1].value)} abroad: ${dropText(ages[0], ages[1])}.`,
    `In ${grouped(abroad.pictures - abroad.answers.length)} of ${grouped(abroad.pictures)} pictures abroad it finds no face at all.`,
  ];
  const title = 'What a model claims at home, and what it does abroad';
  const columns = ['in range', 'gender'];
  const body = `<h1>${title}</h1>
<p class="lead">${escapeHtml(words.join(' '))}</p>
${tableHtml(['', ...sides.map((side) => side.title)], rows)}
<p>In brackets: 95 % intervals by the bootstrap, near copies drawn together. Gender is perceived and binary, as annotated.</p>
<h2>By age</h2>
${tableHtml(['ages', 'faces at home', ...columns, 'abroad', ...columns], byRange)}`;
  return pageHtml(title, body, footerHtml(facts));
}

/** "20 to 29", "70 and older". */
function nameOf([first, last]: Range): string {
  return last === null ? `${first} and older` : `${first} to ${last}`;
}

function sureText({ value, low, high }: Estimate): string {
  return `${percent(value)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}
