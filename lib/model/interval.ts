/**
 * Beside an age the interval that holds the true one for a stated share of faces: conformal, so that faces like those it was calibrated
 * on meet the share, however wrong the network's own distribution is. How far an age lies outside the distribution's 0.1 and 0.9
 * quantiles, negative between them, is the score of conformalized quantile regression (Romano, Patterson and Candès 2019, arXiv
 * 1905.03222). The interval goes from the least to the greatest year that lies no farther out than a margin. Margins by predicted age
 * would leave out ages that are made too young or old; margins by ANNOTATED age (label-conditional, or Mondrian: Vovk, Gammerman and
 * Shafer 2005, section 4.5) would promise too much beside some answers. So each margin is the sum of one for the year that is asked
 * about and one for the predicted age, each fitted in turn to what the other leaves; the latter goes half the way, so that neither pays.
 */
import { mean } from '../data/bands';

/** One bin for each year from 0 to 116, the ages that UTKFace knows. */
export const AGE_BINS = 117;

/** The ends of an interval of ages, both within it. */
export type Years = readonly [low: number, high: number];

/** What calibration found out about a model. */
export interface AgeIntervals {
  /** Share of the faces whose age the interval holds. */
  readonly coverage: number;
  readonly calibrationFaces: number;
  /** By annotated age, the youngest first. */
  readonly bands: readonly Band[];
  /** By predicted age; models of old have none. */
  readonly predictedBands?: readonly Band[];
}

/** A margin is negative where the distributions are wider than need be. */
export interface Band {
  readonly faces: number;
  readonly meanAgeYears: number;
  readonly marginYears: number;
}

export const COVERAGE = 0.8;

/** With fewer faces margins are uncertain; with more, teenagers would share one with people in their twenties. */
const FACES_IN_BAND = 150;

/** 0.1 and 0.9 quantiles of each face's distribution, row by row of `[faces, 117]`; without any, its predicted age twice. */
export function quantilesOf(agesYears: Float32Array, distributions?: Float32Array): Years[] {
  return Array.from(agesYears, (ageYears, face) => {
    const row = distributions?.subarray(face * AGE_BINS, (face + 1) * AGE_BINS);
    return row ? [quantileYears(row, (1 - COVERAGE) / 2), quantileYears(row, (1 + COVERAGE) / 2)] : [ageYears, ageYears];
  });
}

/** The age below which a `share` in (0, 1) of the distribution lies, each year's part spread evenly over the half years around it. */
export function quantileYears(distribution: Float32Array, share: number): number {
  let below = 0;
  for (const [year, part] of distribution.entries()) {
    if (below + part >= share) return year - 0.5 + (share - below) / part;
    below += part;
  }
  return distribution.length - 0.5; // what rounding has left of 1
}

function outsideYears([low, high]: Years, ageYears: number): number {
  return Math.max(low - ageYears, ageYears - high);
}

/** How often each kind of margin is fitted to what the other leaves; after that they move by hundredths. */
const ROUNDS = 5;
const HALF_WAY = 0.5;

/**
 * Margins by faces that the model has not learned from, and what it says of each: quantiles and an age. Ages count in whole years, as
 * people count. Undefined where the faces are too few for any margin.
 */
export function calibrate(
  faces: readonly { readonly ageYears: number }[],
  quantiles: readonly Years[],
  predictedYears: ArrayLike<number>,
): AgeIntervals | undefined {
  const ages = faces.map(({ ageYears }) => Math.floor(ageYears));
  const predicted = Array.from(predictedYears, (ageYears) => Math.max(0, ageYears));
  const outside = ages.map((age, face) => outsideYears(quantiles[face], age));
  // What is left for one kind of margin once the other has had its say.
  const left = (others: readonly Band[], otherAges: readonly number[]) =>
    outside.map((years, face) => years - marginAt(others, otherAges[face]));
  let predictedBands: readonly Band[] = [];
  let bands = bandsBy(ages, outside);
  if (bands.some(({ marginYears }) => marginYears === Number.POSITIVE_INFINITY)) return undefined;
  for (let round = 1; round <= ROUNDS; round++) {
    predictedBands = bandsBy(predicted, left(bands, ages), HALF_WAY);
    bands = bandsBy(ages, left(predictedBands, predicted));
  }
  return { coverage: COVERAGE, calibrationFaces: faces.length, bands, predictedBands };
}

/** Bands of so many faces or more, no age in two, each with that part of the margin that holds its share of what lies outside. */
function bandsBy(ages: readonly number[], outside: readonly number[], part = 1): Band[] {
  const faces = ages.map((age, face) => ({ age, outside: outside[face] })).sort((a, b) => a.age - b.age);
  const bands: (typeof faces)[] = [[]];
  for (const [index, face] of faces.entries()) {
    const enough = Math.min(bands[bands.length - 1].length, faces.length - index) >= FACES_IN_BAND;
    if (enough && face.age > faces[index - 1].age) bands.push([]);
    bands[bands.length - 1].push(face);
  }
  const hundredths = (years: number) => Math.ceil(100 * years) / 100; // in less than that, processors differ
  return bands.map((band) => ({
    faces: band.length,
    meanAgeYears: hundredths(mean(band.map(({ age }) => age))),
    marginYears: hundredths(part * conformalQuantile(band.map(({ outside }) => outside))),
  }));
}

/** The ceil((n + 1) share)-th smallest of n values: one more from where they come is no greater with at least that probability. Infinite where n is too small. */
export function conformalQuantile(values: readonly number[], share = COVERAGE): number {
  const rank = Math.ceil((values.length + 1) * share - 1e-9); // 0.9 times 10 is 9, whatever its last bit
  return [...values].sort((a, b) => a - b)[rank - 1] ?? Number.POSITIVE_INFINITY;
}

/** The interval, in whole years from 0 on; `ageYears`, the predicted age, lies in it. */
export function intervalYears({ bands, predictedBands = [] }: AgeIntervals, quantiles: Years, ageYears: number): Years {
  const own = marginAt(predictedBands, ageYears);
  const held = [...Array(AGE_BINS).keys()].filter((year) => outsideYears(quantiles, year) <= own + marginAt(bands, year));
  return [Math.min(Math.floor(ageYears), ...held.slice(0, 1)), Math.max(Math.ceil(ageYears), ...held.slice(-1))];
}

/** On straight lines between the bands' mean ages: steps at their edges would leave gaps in intervals, and filling these would cover too much. */
function marginAt(bands: readonly Band[], year: number): number {
  const next = bands.findIndex(({ meanAgeYears }) => meanAgeYears > year);
  if (next <= 0) return bands.at(next)?.marginYears ?? 0; // before the first, behind the last, or there are none
  const [a, b] = [bands[next - 1], bands[next]];
  return a.marginYears + ((b.marginYears - a.marginYears) * (year - a.meanAgeYears)) / (b.meanAgeYears - a.meanAgeYears);
}
