/** How well perceived gender is told, and how well a model knows how well. Female, 1, is the positive class. */
import { groupBy, mean } from '../data/bands';
import { type Gender, genderOf } from '../data/record';
import { percentile } from './bootstrap';

/** The probability of female that was said of a face, and what was annotated. */
export interface Said {
  readonly p: number;
  readonly label: Gender;
}

export type GenderMetrics = ReturnType<typeof genderMetrics>;

/** Of at least one face, each in [0, 1]; the area is NaN where all faces are of one gender. */
export function genderMetrics(said: readonly Said[]) {
  const [balanced, area, calibration] = [balancedAccuracy(said), areaUnderRoc(said), expectedCalibrationError(said)];
  return { accuracy: accuracy(said), balancedAccuracy: balanced, areaUnderRoc: area, expectedCalibrationError: calibration };
}

export function accuracy(said: readonly Said[]): number {
  return mean(said.map(({ p, label }) => Number(genderOf(p) === label)));
}

/** The mean of the accuracies on either gender, so far as it has faces. */
export function balancedAccuracy(said: readonly Said[]): number {
  return mean([...groupBy(said, ({ label }) => label).values()].map(accuracy));
}

/** Counts: a row for each gender as annotated, a column for each as answered. */
export function confusionMatrix(said: readonly Said[]): number[][] {
  const matrix = [0, 1].map(() => [0, 0]);
  for (const { p, label } of said) matrix[label][genderOf(p)]++;
  return matrix;
}

/**
 * From (0, 0) to (1, 1), with a point for each probability that was said, from the highest, as the least that counts as female:
 * tied faces share a point. NaN where a gender has no faces.
 */
export function rocCurve(said: readonly Said[]): (readonly [falsePositiveRate: number, truePositiveRate: number])[] {
  const [males, females] = [0, 1].map((gender) => said.filter(({ label }) => label === gender).length);
  const sorted = [...said].sort((a, b) => b.p - a.p);
  const passed = [0, 0];
  const points = [...groupBy(sorted, ({ p }) => p).values()].map((tied) => {
    for (const { label } of tied) passed[label]++;
    return [passed[0] / males, passed[1] / females] as const;
  });
  return [[0, 0], ...points];
}

/** By trapezoids: the chance that of two faces, one of each gender, the female is given the higher probability, ties counting half. */
export function areaUnderRoc(said: readonly Said[]): number {
  const curve = rocCurve(said);
  return curve.slice(1).reduce((area, [x, y], index) => area + ((x - curve[index][0]) * (y + curve[index][1])) / 2, 0);
}

/** Bins of about as many faces each, by confidence in the likelier answer; tied faces share a bin, empty bins are left out. */
export function calibrationCurve(said: readonly Said[], bins = 15) {
  const confidenceOf = ({ p }: Said) => Math.max(p, 1 - p);
  const sorted = [...said].sort((a, b) => confidenceOf(a) - confidenceOf(b));
  const confidences = sorted.map(confidenceOf);
  const edges = Array.from({ length: bins - 1 }, (_, edge) => percentile(confidences, (100 * (edge + 1)) / bins));
  const binOf = (face: Said) => edges.filter((edge) => edge < confidenceOf(face)).length;
  const bin = (faces: readonly Said[]) => ({ count: faces.length, confidence: mean(faces.map(confidenceOf)), accuracy: accuracy(faces) });
  return [...groupBy(sorted, binOf).values()].map(bin);
}

/** The mean distance of accuracy from confidence over those bins (Guo et al. 2017, "On calibration of modern neural networks"). */
export function expectedCalibrationError(said: readonly Said[], bins = 15): number {
  const distances = calibrationCurve(said, bins).map(({ count, confidence, accuracy }) => count * Math.abs(accuracy - confidence));
  return distances.reduce((sum, distance) => sum + distance, 0) / said.length;
}
