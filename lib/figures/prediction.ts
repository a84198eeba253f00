/** How close the predictions come: each face against its label, and the error by age. */
import type { Plot } from 'nodeplotlib';
import { byBand, mean } from '../data/bands';
import { GENDER_NAMES, type Gender } from '../data/record';
import {
  axis,
  BASELINE_STYLE,
  COLOURS,
  categoryAxis,
  type Figure,
  figure,
  grouped,
  TRAINING_STYLE,
  VALIDATION_STYLE,
  years,
} from './figure';

/** One predicted face whose labels are known. */
export interface PredictionPoint {
  readonly trueAgeYears: number;
  readonly predictedAgeYears: number;
  readonly trueGender: Gender;
  /** In [0, 1]. */
  readonly femaleProbability: number;
}

/** One dot a face; on the diagonal the prediction is right. */
export function predictedAgainstTrueAge(points: readonly PredictionPoint[]): Figure {
  const oldest = points.reduce((most, point) => Math.max(most, point.trueAgeYears, point.predictedAgeYears), 10);
  const size = points.length > 1000 ? 5 : 8;
  const dots = GENDER_NAMES.map((name, gender): Plot => {
    const style = gender === 0 ? TRAINING_STYLE : VALIDATION_STYLE;
    const own = points.filter((point) => point.trueGender === gender);
    return {
      mode: 'markers',
      name: `annotated ${name}`,
      x: own.map((point) => point.trueAgeYears),
      y: own.map((point) => Number(point.predictedAgeYears.toFixed(1))),
      marker: { ...style.marker, size, opacity: points.length > 1000 ? 0.35 : 0.7 },
    };
  });
  const diagonal: Plot = { ...BASELINE_STYLE, name: 'exactly right', x: [0, oldest], y: [0, oldest], hoverinfo: 'skip' };
  const alt = `Predicted against annotated age of ${grouped(points.length)} faces: the mean absolute error is ${years(meanError(points))}.`;
  return figure('Predicted age against annotated age', alt, [...dots, diagonal], {
    height: 520,
    xaxis: axis('Annotated age (years)', { rangemode: 'tozero', dtick: 20 }),
    yaxis: axis('Predicted age (years)', { rangemode: 'tozero', dtick: 20 }),
  });
}

/**
 * Mean absolute error in each age band, with the mean of predicted minus annotated age, which tells whether a band is
 * made too old or too young. With `baselineAgeYears` the error of that constant answer is drawn in.
 */
export function errorByAgeBand(points: readonly PredictionPoint[], baselineAgeYears?: number): Figure {
  const groups = byBand(points, (point) => point.trueAgeYears).map(({ band, items }) => ({
    label: band.label,
    count: items.length,
    error: meanError(items),
    bias: mean(items.map((point) => point.predictedAgeYears - point.trueAgeYears)),
    baseline: baselineAgeYears === undefined ? 0 : mean(items.map((point) => Math.abs(baselineAgeYears - point.trueAgeYears))),
  }));
  const x = groups.map((group) => `${group.label}<br>${grouped(group.count)}`);
  const data: Plot[] = [
    {
      type: 'bar',
      name: 'Mean absolute error',
      x,
      y: groups.map((group) => group.error),
      hovertext: groups.map((group) => `${group.label} years: ${years(group.error)} off on average, ${grouped(group.count)} faces`),
      hoverinfo: 'text',
      marker: { color: COLOURS.blue },
    },
    {
      ...VALIDATION_STYLE,
      name: 'Mean of predicted minus annotated',
      x,
      y: groups.map((group) => group.bias),
    },
  ];
  if (baselineAgeYears !== undefined) {
    data.push({
      ...BASELINE_STYLE,
      mode: 'lines+markers',
      name: `Baseline, always ${years(baselineAgeYears)}`,
      x,
      y: groups.map((group) => group.baseline),
    });
  }
  const alt = `Mean absolute error by age band: ${groups.map((group) => `${group.label}: ${years(group.error)}`).join(', ')}.`;
  return figure('Age error by age', alt, data, {
    height: 420,
    xaxis: categoryAxis('Annotated age (years), and how many faces', { tickangle: 0 }),
    yaxis: axis('Error (years)', { zeroline: true }),
  });
}

function meanError(points: readonly PredictionPoint[]): number {
  return mean(points.map((point) => Math.abs(point.predictedAgeYears - point.trueAgeYears)));
}
