/** The curves of training: one metric at a time, for a session or for both, beside what is reached without looking. */
import type { Layout, Plot } from 'nodeplotlib';
import { percent, years } from '../base/text';
import type { Config } from '../config';
import { GENDER_NAMES } from '../data/record';
import type { Baselines, History } from '../training/history';
import { axis, BASELINE_STYLE, COLOURS, type Figure, figure, TRAINING_STYLE, VALIDATION_STYLE } from './figure';

export type PlottedMetric = 'genderAccuracy' | 'genderLoss' | 'ageLoss' | 'ageMaeYears';

/** The unit of a squared error of age. */
export function ageLossUnit(ageScale: Config['ageScale']): string {
  return ageScale === 'years' ? 'years²' : 'standard deviations²';
}

function metricText(metric: PlottedMetric, ageScale: Config['ageScale']) {
  const lossUnit = ageLossUnit(ageScale);
  const plain = (value: number) => value.toFixed(value >= 10 ? 1 : 3);
  return {
    genderAccuracy: { name: 'Gender accuracy', axis: 'Faces named correctly (%)', unit: '', format: percent },
    genderLoss: { name: 'Gender loss', axis: 'Cross-entropy (nats)', unit: ' nats', format: plain },
    ageLoss: { name: 'Age loss', axis: `Mean squared error (${lossUnit})`, unit: ` ${lossUnit}`, format: plain },
    ageMaeYears: { name: 'Age error', axis: 'Mean absolute error (years)', unit: '', format: years },
  }[metric];
}

type MetricText = ReturnType<typeof metricText>;

/**
 * Training and validation curves of one metric: `part` 1 or 2 is a session, 'joined' both with a line between them.
 * Epochs count on through the second session. `ageScale` only chooses the unit written beside the age loss.
 */
export function metricFigure(
  history: History,
  metric: PlottedMetric,
  part: 1 | 2 | 'joined',
  baselines?: Baselines,
  ageScale: Config['ageScale'] = 'standardised',
): Figure {
  const text = metricText(metric, ageScale);
  const isShare = metric === 'genderAccuracy';
  const firstLength = history.filter((record) => record.session === 1).length;
  const shown = history.filter((record) => part === 'joined' || record.session === part);
  const epochs = shown.map(({ session, epoch }) => (session === 1 ? epoch : firstLength + epoch));
  const data: Plot[] = [
    { ...TRAINING_STYLE, name: 'Training', x: epochs, y: shown.map((record) => record.training[metric]) },
    { ...VALIDATION_STYLE, name: 'Validation', x: epochs, y: shown.map((record) => record.validation[metric]) },
  ];
  if (baselines && epochs.length > 0) data.push(baselineLine(baselines, metric, text, epochs));
  const title = `${text.name}, ${epochsPhrase(epochs)}`;
  const words = { reading: readingOf(text, shown, epochs, metric, baselines), alt: altText(text, shown, metric, baselines) };
  return figure(title, words, data, {
    xaxis: axis('Epoch', { dtick: 1, range: [Math.min(...epochs) - 0.3, Math.max(...epochs) + 0.3] }),
    yaxis: axis(text.axis, { tickformat: isShare ? '.0%' : undefined, range: valueRange(data, isShare, part === 'joined') }),
    ...(part === 'joined' && firstLength < shown.length ? sessionBorder(firstLength) : {}),
  });
}

/** All that is drawn, with room above for the names of the sessions; errors and losses start at 0. */
function valueRange(data: readonly Plot[], share: boolean, named: boolean): [number, number] | undefined {
  const values = data.flatMap(({ y }) => (Array.isArray(y) ? y.map(Number) : []));
  if (values.length === 0) return undefined;
  const [least, most] = [share ? Math.min(...values) : 0, Math.max(...values)];
  const span = most - least || 0.1;
  return [share ? least - 0.06 * span : 0, most + (named ? 0.16 : 0.06) * span];
}

function epochsPhrase(epochs: readonly number[]): string {
  if (epochs.length === 0) return 'no epoch yet';
  return epochs.length === 1 ? `epoch ${epochs[0]}` : `epochs ${epochs[0]} to ${epochs[epochs.length - 1]}`;
}

/** How the baseline answers, so that its line says what it stands for. */
function baselineLine(baselines: Baselines, metric: PlottedMetric, text: MetricText, epochs: readonly number[]): Plot {
  const answer = {
    genderAccuracy: `always ${GENDER_NAMES[baselines.majorityGender]}`,
    genderLoss: 'always the class shares',
    ageLoss: `always the mean, ${years(baselines.meanAgeYears)}`,
    ageMaeYears: `always the median, ${years(baselines.medianAgeYears)}`,
  }[metric];
  const value = baselines[metric];
  const name = `Baseline, ${answer}: ${text.format(value)}`;
  return { ...BASELINE_STYLE, name, x: [Math.min(...epochs) - 0.3, Math.max(...epochs) + 0.3], y: [value, value], hoverinfo: 'name' };
}

function sessionBorder(firstLength: number): Layout {
  const x = firstLength + 0.5;
  const label = { x, yref: 'paper', y: 1, yanchor: 'top', showarrow: false } as const;
  return {
    shapes: [{ type: 'line', x0: x, x1: x, yref: 'paper', y0: 0, y1: 1, line: { color: COLOURS.grey, width: 1 } }],
    annotations: [
      { ...label, text: 'session 1', xanchor: 'right', xshift: -6 },
      { ...label, text: 'session 2', xanchor: 'left', xshift: 6 },
    ],
  };
}

/**
 * The way from the first epoch to the last, how far that is from the baseline, and the best epoch where it is another. Says of
 * validation faces, not of unseen ones: the base may have met them before.
 */
function readingOf(text: MetricText, shown: History, epochs: readonly number[], metric: PlottedMetric, baselines?: Baselines): string {
  if (shown.length === 0) return 'Nothing is trained yet.';
  const share = metric === 'genderAccuracy';
  const values = shown.map(({ validation }) => validation[metric]);
  const [first, last, best] = [values[0], values[values.length - 1], share ? Math.max(...values) : Math.min(...values)];
  const [from, to, top] = [first, last, best].map((value) => text.format(value));
  const way = from === to ? `is at ${to}` : `${last > first ? 'rises' : 'falls'} from ${from.split(' ')[0]} to ${to}`;
  const better = top === to ? '' : ` (at best ${top}, after epoch ${epochs[values.indexOf(best)]})`;
  const gap = last - (baselines?.[metric] ?? last);
  const size = share ? `${(100 * Math.abs(gap)).toFixed(1)} points` : `${text.format(Math.abs(gap))}${text.unit}`;
  const beside = baselines ? `, ${gap === 0 ? 'as' : `${size} ${gap < 0 ? 'below' : 'above'}`} the baseline` : '';
  return `${text.name} on validation faces ${way}${text.unit}${better}${beside}.`;
}

function altText(text: MetricText, shown: History, metric: PlottedMetric, baselines?: Baselines): string {
  if (shown.length === 0) return 'Line chart without a point.';
  const [first, last] = [shown[0], shown[shown.length - 1]];
  const course = (side: 'training' | 'validation') =>
    `${side} from ${text.format(first[side][metric])} to ${text.format(last[side][metric])}`;
  const beside = baselines ? `; the baseline is ${text.format(baselines[metric])}` : '';
  return `Line chart, epoch by epoch: ${course('training')}, ${course('validation')}${beside}.`;
}
