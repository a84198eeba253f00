/** What a batch is taught: its labels, softened as the objective says and mixed as its pictures are. */
import type { Objective } from '../config';
import { mixUp } from '../images/mixup';
import { AGE_BINS } from '../model/interval';

/** What the faces of a batch are annotated with. */
export interface Labels {
  /** In the unit that the age head learns in. */
  readonly ages: Float32Array;
  readonly genders: Int32Array;
}

/** Images as uint8 RGB `[count, size, size, 3]`, or features `[count, 1280]`, with their labels. */
export interface Batch extends Labels {
  readonly inputs: Uint8Array | Float32Array;
  /** Where images are blended: how much each has taken of the next one, whose labels it then takes on as much. */
  readonly shares?: Float32Array;
}

/** Flat arrays, row by row. */
export interface TaughtLabels {
  /** `[b]`, in the unit that the age head learns in. */
  readonly ages: Float32Array;
  /** `[b, AGE_BINS]`; each row sums to 1. Empty where the objective does without. */
  readonly ageLabels: Float32Array;
  /** `[b, 2]`; each row sums to 1. */
  readonly genderLabels: Float32Array;
}

/** What the losses are held against. */
export function taughtLabels({ ages, genders, shares }: Omit<Batch, 'inputs'>, objective: Objective): TaughtLabels {
  const { ageDistribution, ageLabelSdYears, ageLabelSdGrowth, genderSmoothing } = objective;
  const labels: TaughtLabels = {
    ages: ages.slice(),
    ageLabels: softAgeLabels(ageDistribution > 0 ? ages : [], labelSds(ages, ageLabelSdYears, ageLabelSdGrowth)),
    genderLabels: softGenderLabels(genders, genderSmoothing),
  };
  if (shares) for (const rows of Object.values(labels)) mixUp(rows, shares);
  return labels;
}

/** How far the labels of newborns are off, in years. */
const SD_AT_BIRTH = 0.6;

/** The spread of each label: `sdYears`, or growing with age until it is as much: a child's year shows, and at 50 nobody sees five of them. */
export function labelSds(agesYears: Float32Array, sdYears: number, growth: number): Float32Array {
  return agesYears.map((age) => (growth === 0 ? sdYears : Math.min(sdYears, SD_AT_BIRTH + growth * Math.max(0, age))));
}

/** `[ages, AGE_BINS]`: a normal distribution around each age, in whole years, summing to 1. */
export function softAgeLabels(agesYears: ArrayLike<number>, sdsYears: ArrayLike<number>): Float32Array {
  const labels = new Float32Array(agesYears.length * AGE_BINS);
  for (let index = 0; index < agesYears.length; index++) {
    const row = labels.subarray(index * AGE_BINS, (index + 1) * AGE_BINS);
    let sum = 0;
    for (let year = 0; year < AGE_BINS; year++) {
      row[year] = Math.exp(-0.5 * ((year - agesYears[index]) / sdsYears[index]) ** 2);
      sum += row[year];
    }
    for (let year = 0; year < AGE_BINS; year++) row[year] /= sum;
  }
  return labels;
}

/** `[genders, 2]`: 1 for the label and 0 for the other, moved towards one half each by `smoothing` in [0, 1]. */
export function softGenderLabels(genders: ArrayLike<number>, smoothing: number): Float32Array {
  const labels = new Float32Array(2 * genders.length).fill(smoothing / 2);
  for (let index = 0; index < genders.length; index++) labels[2 * index + genders[index]] += 1 - smoothing;
  return labels;
}
