/** What an evaluation looks like: how many faces are within how many years, how genders are told apart, what probabilities and labels are worth. */
import type { Plot } from 'nodeplotlib';
import { grouped, percent, years } from '../base/text';
import { cumulativeScore } from '../evaluation/age-metrics';
import type { Scores } from '../evaluation/evaluate';
import { areaUnderRoc, calibrationCurve, expectedCalibrationError, rocCurve, type Said } from '../evaluation/gender-metrics';
import type { GroupRow } from '../evaluation/groups';
import type { LabelNoise } from '../evaluation/label-noise';
import { axis, BASELINE_STYLE, COLOURS, categoryAxis, type Figure, figure, TRAINING_STYLE } from './figure';

const MOST_YEARS = 20;
const SHARE = { tickformat: '.0%' } as const;

/** The share of faces that are missed by no more than so many years, beside the same for an answer that needs no face. */
export function cumulativeScoreFigure(errorsYears: readonly number[], baselineErrorsYears: readonly number[]): Figure {
  const [model, baseline] = [errorsYears, baselineErrorsYears].map((errors) => cumulativeScore(errors, MOST_YEARS));
  const x = model.map((_, most) => most);
  const curves: Plot[] = [
    { ...TRAINING_STYLE, name: 'The model', x, y: model },
    { ...BASELINE_STYLE, name: 'Baseline, always the median age', x, y: baseline },
  ];
  const at = (most: number) => `${percent(model[most], 0)} of faces within ${most} years`;
  const alt = `Two curves, the share of faces against the most years off: ${[1, 5, 10, MOST_YEARS].map(at).join(', ')}.`;
  const reading = `${percent(model[5], 0)} of the faces are missed by at most 5 years; always answering the median age, ${percent(baseline[5], 0)} are.`;
  return figure('How many faces are close', { reading, alt }, curves, {
    xaxis: axis('At most so many years off', { dtick: 5 }),
    yaxis: axis('Share of faces (%)', { ...SHARE, range: [0, 1] }),
  });
}

/** How many faces annotated female are found, and how many annotated male are taken for such, as the threshold falls. */
export function rocFigure(said: readonly Said[]): Figure {
  const points = rocCurve(said);
  const curve: Plot = {
    mode: 'lines',
    name: 'The model',
    x: points.map(([falsePositiveRate]) => falsePositiveRate),
    y: points.map(([, truePositiveRate]) => truePositiveRate),
    line: TRAINING_STYLE.line,
  };
  const chance: Plot = { ...BASELINE_STYLE, name: 'Baseline, drawing lots', x: [0, 1], y: [0, 1] };
  const area = (100 * areaUnderRoc(said)).toFixed(1);
  const alt = `Receiver operating characteristic for perceived gender, a curve over ${grouped(said.length)} faces: the area under it is ${area} %.`;
  const reading = `Of a face annotated female and one annotated male, the model gives the former the higher probability in ${area} of 100 such pairs; drawing lots, in 50.`;
  return figure('Telling perceived genders apart', { reading, alt }, [curve, chance], {
    height: 460,
    xaxis: axis('Annotated male, answered female (%)', { ...SHARE, range: [-0.01, 1] }),
    yaxis: axis('Annotated female, answered female (%)', { ...SHARE, range: [0, 1.01] }),
  });
}

/** How often the likelier gender was right, against how sure the model was of it. */
export function calibrationFigure(said: readonly Said[]): Figure {
  const bins = calibrationCurve(said);
  const curve: Plot = {
    ...TRAINING_STYLE,
    name: 'The model',
    x: bins.map(({ confidence }) => confidence),
    y: bins.map(({ accuracy }) => accuracy),
    text: bins.map(
      ({ count, confidence, accuracy }) => `${grouped(count)} faces: sure by ${percent(confidence)}, right in ${percent(accuracy)}`,
    ),
    hoverinfo: 'text',
  };
  const exact: Plot = { ...BASELINE_STYLE, name: 'Exactly as sure as right', x: [0.5, 1], y: [0.5, 1], hoverinfo: 'skip' };
  const lowest = Math.min(0.5, ...bins.map(({ accuracy }) => accuracy));
  const error = (100 * expectedCalibrationError(said)).toFixed(1);
  const [least] = bins;
  const alt = `Curve of accuracy against confidence for perceived gender in ${bins.length} bins: they are ${error} points apart on average.`;
  const reading = `Sure by ${percent(least.confidence, 0)}, the model is right in ${percent(least.accuracy, 0)}; over all faces, confidence and accuracy are ${error} points apart.`;
  return figure('What a probability is worth', { reading, alt }, [curve, exact], {
    xaxis: axis('Probability of the answer (%)', { ...SHARE, range: [0.49, 1.01] }),
    yaxis: axis('Named as annotated (%)', { ...SHARE, range: [lowest - 0.02, 1.02] }),
  });
}

/** The mean absolute age error of each group with its 95 % interval, the whole first; groups whose intervals are apart differ by more than chance. */
export function groupFigure(rows: readonly GroupRow[]): Figure {
  const known = rows.flatMap(({ name, count, ageMaeYears }) => (ageMaeYears ? [{ name, count, ...ageMaeYears }] : []));
  const [all] = known;
  const dots: Plot = {
    mode: 'markers',
    name: 'Mean absolute error, with its 95 % interval',
    x: known.map(({ value }) => value),
    y: known.map(({ name }) => name),
    text: known.map(
      ({ name, count, value, low, high }) =>
        `${name}, ${grouped(count)} faces: ${years(value, 2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    ),
    hoverinfo: 'text',
    error_x: {
      type: 'data',
      symmetric: false,
      array: known.map(({ value, high }) => high - value),
      arrayminus: known.map(({ value, low }) => value - low),
      color: COLOURS.blue,
    },
    marker: TRAINING_STYLE.marker,
  };
  const whole: Plot = { ...BASELINE_STYLE, name: 'All faces', x: [all.value, all.value], y: [all.name, known[known.length - 1].name] };
  const [best, ...others] = [...known.slice(1)].sort((a, b) => a.value - b.value);
  const worst = others.at(-1) ?? best;
  const alt = `Dots with error bars, the mean absolute age error by group: ${known.map(({ name, value, low, high }) => `${name} ${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`).join(', ')}.`;
  const reading = best
    ? `From ${years(best.value)} for ${best.name} to ${years(worst.value)} for ${worst.name}; ${years(all.value)} over all faces.`
    : `${years(all.value)} over all faces; no group has enough of them.`;
  return figure('Age error by group', { reading, alt }, [dots, whole], {
    height: 120 + 26 * known.length,
    xaxis: axis('Mean absolute error (years)', { rangemode: 'tozero' }),
    yaxis: axis('Group, as annotated', { type: 'category', autorange: 'reversed', showgrid: false }),
  });
}

/** What a perfect reader of pictures would be found to err by, for each sample of copies, beside the model and the answer without looking. */
export function labelNoiseFigure(noise: Readonly<Record<string, LabelNoise>>, model: Scores, baseline: Scores): Figure {
  const readers = Object.entries(noise).map(([name, { perfectReader, pairs }]) => {
    return { who: `perfect reader, by<br>${grouped(pairs)} pairs of<br>${name}`, error: perfectReader.ageMaeYears, color: COLOURS.green };
  });
  const others = [
    { who: 'the model', error: model.ageMaeYears, color: COLOURS.blue },
    { who: 'always the<br>median age', error: baseline.ageMaeYears, color: COLOURS.grey },
  ];
  const bars = [...readers, ...others].filter(({ error }) => error !== null);
  const plot: Plot = {
    type: 'bar',
    x: bars.map(({ who }) => who),
    y: bars.map(({ error }) => error),
    text: bars.map(({ error }) => years(error)),
    hoverinfo: 'x+text',
    marker: { color: bars.map(({ color }) => color) },
  };
  const alt = `Bar chart of mean absolute age errors: ${bars.map(({ who, error }) => `${who.replaceAll('<br>', ' ')} ${years(error)}`).join(', ')}.`;
  const [first] = bars;
  const reading =
    bars.length > others.length
      ? `By how far the labels of copies are apart, somebody who read every age without fault would be found ${years(first.error)} off; the model is ${years(model.ageMaeYears)} off.`
      : `The model is ${years(model.ageMaeYears)} off; no picture is in these data twice, so nothing is known of how noisy their labels are.`;
  return figure('Age error, and what labels alone may make of it', { reading, alt }, [plot], {
    xaxis: categoryAxis('Who answers', { tickangle: 0 }),
    yaxis: axis('Mean absolute error (years)', { rangemode: 'tozero' }),
  });
}
