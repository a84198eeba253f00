/** How close the predictions come: each face against its label, and the error by age. */
import type { Plot } from 'nodeplotlib';
import { grouped, years } from '../base/text';
import { byDecade, groupBy, mean, median } from '../data/bands';
import { type Answered, errorYears } from '../evaluation/evaluate';
import { axis, BASELINE_STYLE, COLOURS, categoryAxis, type Figure, figure, VALIDATION_STYLE } from './figure';

/** Dots that lie in one square of so many years count as close together. */
const SQUARE_YEARS = 4;

/** One dot a face; on the diagonal the prediction is right. Thousands would hide each other, so colour says how many lie close together. */
export function predictedAgainstTrueAge(faces: readonly Answered[]): Figure {
  const oldest = faces.reduce((most, { record, prediction }) => Math.max(most, record.ageYears, prediction.ageYears), 10);
  const squareOf = ({ record, prediction }: Answered) =>
    [record.ageYears, prediction.ageYears].map((ageYears) => Math.floor(ageYears / SQUARE_YEARS)).join();
  const squares = [...groupBy(faces, squareOf).values()].sort((a, b) => a.length - b.length);
  const drawn = squares.flat();
  const densest = squares.at(-1)?.length ?? 1;
  const ticks = [1, 10, 100, 1000].filter((count) => count <= densest);
  const dots: Plot = {
    mode: 'markers',
    name: 'a face',
    showlegend: false,
    x: drawn.map(({ record }) => record.ageYears),
    y: drawn.map(({ prediction }) => Number(prediction.ageYears.toFixed(1))),
    marker: {
      size: faces.length > 1000 ? 5 : 8,
      color: squares.flatMap((square) => square.map(() => Math.log10(square.length))),
      colorscale: [
        [0, COLOURS.blue],
        [1, COLOURS.vermillion],
      ],
      colorbar: {
        thickness: 12,
        len: 0.6,
        tickvals: ticks.map(Math.log10),
        ticktext: ticks.map((count) => (count === 1 ? 'alone' : `${grouped(count)} close`)),
      },
    },
  };
  const diagonal: Plot = { ...BASELINE_STYLE, name: 'exactly right', x: [0, oldest], y: [0, oldest], hoverinfo: 'skip' };
  const errors = faces.map(errorYears);
  const reading = `Predicted ages are ${mean(errors).toFixed(1)} years off on average, and half of them by no more than ${years(median(errors))}.`;
  const alt = `Scatter plot of ${grouped(faces.length)} faces with ages up to ${oldest.toFixed(0)} years; a diagonal line where both ages agree.`;
  return figure('Predicted age against annotated age', { reading, alt }, [dots, diagonal], {
    height: 520,
    xaxis: axis('Annotated age (years)', { rangemode: 'tozero', dtick: 20 }),
    yaxis: axis('Predicted age (years)', { rangemode: 'tozero', dtick: 20 }),
  });
}

/**
 * Mean absolute error in each age band, with the mean of predicted minus annotated age, which tells whether a band is
 * made too old or too young, and the error of always answering `baselineAgeYears`.
 */
export function errorByAgeBand(faces: readonly Answered[], baselineAgeYears: number): Figure {
  const groups = byDecade(faces, ({ record }) => record.ageYears).map(({ label, items }) => ({
    label,
    count: items.length,
    error: mean(items.map(errorYears)),
    bias: mean(items.map(({ record, prediction }) => prediction.ageYears - record.ageYears)),
    baseline: mean(items.map(({ record }) => Math.abs(baselineAgeYears - record.ageYears))),
  }));
  const x = groups.map((group) => `${group.label}<br>${grouped(group.count)}`);
  const bars: Plot = {
    type: 'bar',
    name: 'Mean absolute error',
    x,
    y: groups.map(({ error }) => error),
    hovertext: groups.map(({ label, error, count }) => `${label} years: ${years(error)} off on average, ${grouped(count)} faces`),
    hoverinfo: 'text',
    marker: { color: COLOURS.blue },
  };
  const bias: Plot = { ...VALIDATION_STYLE, name: 'Mean of predicted minus annotated', x, y: groups.map((group) => group.bias) };
  const always = `Baseline, always ${years(baselineAgeYears)}`;
  const baseline: Plot = { ...BASELINE_STYLE, mode: 'lines+markers', name: always, x, y: groups.map((group) => group.baseline) };
  const byError = [...groups].sort((a, b) => a.error - b.error);
  const [least, most] = [byError[0], byError[byError.length - 1]].map(({ label, error }) => `${years(error)} (ages ${label})`);
  const better = groups.filter((group) => group.error < group.baseline).length;
  const reading = `The error lies between ${least} and ${most}, and below the baseline in ${better} of ${groups.length} bands.`;
  const alt = `Bar chart of the mean absolute error in years, and two lines: ${groups.map(({ label, error, bias, baseline }) => `ages ${label} ${error.toFixed(1)} (signed ${bias.toFixed(1)}, baseline ${baseline.toFixed(1)})`).join(', ')}.`;
  return figure('Age error by age', { reading, alt }, [bars, bias, baseline], {
    height: 420,
    xaxis: categoryAxis('Annotated age (years), and how many faces', { tickangle: 0 }),
    yaxis: axis('Error (years)', { zeroline: true }),
  });
}
