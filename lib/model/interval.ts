/**
 * Beside an age the interval that holds the true one for a stated share of faces: conformal, so that faces like those it was calibrated
 * on meet the share, however wrong the network's own distribution is. How far an age lies outside the distribution's 0.1 and 0.9
 * quantiles, negative between them, is the score of conformalized quantile regression (Romano, Patterson and Candès 2019, arXiv
 * 1905.03222). The interval goes from the least to the greatest year that lies no farther out than a margin. Each band of ANNOTATED age
 * has its own (label-conditional, or Mondrian: Vovk, Gammerman and Shafer 2005, section 4.5), so that a year is held against faces that
 * are as old. Margins by predicted age, or one for all, meet the share on average only, at the cost of ages that are made too young or old.
 */
import { mean } from '../data/bands';
import { AGE_BINS } from './face-model';

/** The ends of an interval of ages, both within it. */
export type Years = readonly [low: number, high: number];

/** What calibration found out about a model. */
export interface AgeIntervals {
  /** Share of the faces whose age the interval holds. */
  readonly coverage: number;
  readonly calibrationFaces: number;
  /** The youngest first. A margin is negative where the distributions are wider than need be. */
  readonly bands: readonly { readonly faces: number; readonly meanAgeYears: number; readonly marginYears: number }[];
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

/**
 * Margins by faces that the model has not learned from, and the quantiles of what it says of each. Ages count in whole years, as people
 * count. Undefined where the faces are too few for any margin.
 */
export function calibrate(faces: readonly { readonly ageYears: number }[], quantiles: readonly Years[]): AgeIntervals | undefined {
  const ages = faces.map(({ ageYears }) => Math.floor(ageYears));
  const scored = ages.map((age, face) => ({ age, outside: outsideYears(quantiles[face], age) }));
  const bands: (typeof scored)[] = [[]];
  for (const [index, face] of scored.sort((a, b) => a.age - b.age).entries()) {
    const enough = Math.min(bands[bands.length - 1].length, scored.length - index) >= FACES_IN_BAND;
    if (enough && face.age > scored[index - 1].age) bands.push([]);
    bands[bands.length - 1].push(face);
  }
  const hundredths = (years: number) => Math.ceil(100 * years) / 100; // in less than that, processors differ
  const measured = bands.map((band) => ({
    faces: band.length,
    meanAgeYears: hundredths(mean(band.map(({ age }) => age))),
    marginYears: hundredths(conformalQuantile(band.map(({ outside }) => outside))),
  }));
  if (measured.some(({ marginYears }) => marginYears === Number.POSITIVE_INFINITY)) return undefined;
  return { coverage: COVERAGE, calibrationFaces: scored.length, bands: measured };
}

/** The ceil((n + 1) share)-th smallest of n values: one more from where they come is no greater with at least that probability. Infinite where n is too small. */
export function conformalQuantile(values: readonly number[], share = COVERAGE): number {
  const rank = Math.ceil((values.length + 1) * share - 1e-9); // 0.9 times 10 is 9, whatever its last bit
  return [...values].sort((a, b) => a - b)[rank - 1] ?? Number.POSITIVE_INFINITY;
}

/** The interval, in whole years from 0 on; `ageYears`, the predicted age, lies in it. */
export function intervalYears({ bands }: AgeIntervals, quantiles: Years, ageYears: number): Years {
  const held = [...Array(AGE_BINS).keys()].filter((year) => outsideYears(quantiles, year) <= marginAt(bands, year));
  return [Math.min(Math.floor(ageYears), ...held.slice(0, 1)), Math.max(Math.ceil(ageYears), ...held.slice(-1))];
}

/** On straight lines between the bands' mean ages: steps at their edges would leave gaps in intervals, and filling these would cover too much. */
function marginAt(bands: AgeIntervals['bands'], year: number): number {
  const next = bands.findIndex(({ meanAgeYears }) => meanAgeYears > year);
  if (next <= 0) return bands[next === 0 ? 0 : bands.length - 1].marginYears;
  const [a, b] = [bands[next - 1], bands[next]];
  return a.marginYears + ((b.marginYears - a.marginYears) * (year - a.meanAgeYears)) / (b.meanAgeYears - a.meanAgeYears);
}
