/** How far ages are off, in the figures by which age estimation is judged. Errors are signed: predicted minus annotated. */
import { mean, median } from '../data/bands';

export type AgeMetrics = ReturnType<typeof ageMetrics>;

/** Of at least one face. */
export function ageMetrics(errorsYears: readonly number[]) {
  const absolute = errorsYears.map(Math.abs);
  return {
    maeYears: mean(absolute),
    rmseYears: Math.sqrt(mean(errorsYears.map((error) => error ** 2))),
    /** Median absolute error. */
    medianErrorYears: median(absolute),
    /** Mean error: above 0 where faces are taken for older than annotated. */
    biasYears: mean(errorsYears),
    /** Share, in [0, 1], of faces at most 5 years off. */
    within5Years: cumulativeScore(errorsYears, 5)[5],
  };
}

/** The shares, in [0, 1], of faces at most 0, 1, … `mostYears` years off (Geng, Zhou and Smith-Miles 2007, "Automatic age estimation"). */
export function cumulativeScore(errorsYears: readonly number[], mostYears: number): number[] {
  return Array.from({ length: mostYears + 1 }, (_, years) => mean(errorsYears.map((error) => Number(Math.abs(error) <= years))));
}
