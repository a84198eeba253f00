/** The tables that the notebooks show more than once. */
import type { SessionPlan } from '../config';
import type { LayerDescription } from '../model/describe';
import { percent, years } from '../report/figure';
import { tableHtml } from '../report/html';
import type { EpochMetrics, History } from '../training/history';
import type { ScaleTrial } from './training';

/** Layers as rows: name, kind, output shape, parameters, multiply-adds. */
export function layerTable(layers: readonly LayerDescription[]): string {
  const columns = ['layer', 'kind', 'output shape', 'parameters', 'multiply-adds'];
  const rows = layers.map(({ layer, kind, outputShape, parameters, multiplyAdds }) => {
    return [layer, kind, outputShape.join(' x '), parameters, multiplyAdds];
  });
  return tableHtml(columns, rows);
}

/** Results beside each other, a column each: the age error and the faces named correctly. */
export function scoreTable(results: Readonly<Record<string, Pick<EpochMetrics, 'ageMaeYears' | 'genderAccuracy'>>>): string {
  const scores = Object.values(results);
  return tableHtml(
    ['validation side', ...Object.keys(results)],
    [
      ['age, mean absolute error', ...scores.map(({ ageMaeYears }) => years(ageMaeYears))],
      ['gender, faces named correctly', ...scores.map(({ genderAccuracy }) => percent(genderAccuracy))],
    ],
  );
}

/** The epochs: what was measured in training and on the validation side. */
export function historyTable(history: History): string {
  const columns = [
    'epoch',
    'age loss',
    'gender loss',
    'age MAE, training',
    'validation',
    'gender accuracy, training',
    'validation',
    'images/s',
  ];
  const rows = history.map(({ epoch, training, validation, imagesPerSecond }) => [
    epoch,
    training.ageLoss.toFixed(3),
    training.genderLoss.toFixed(3),
    years(training.ageMaeYears),
    years(validation.ageMaeYears),
    percent(training.genderAccuracy),
    percent(validation.genderAccuracy),
    Math.round(imagesPerSecond),
  ]);
  return tableHtml(columns, rows);
}

/** What the unit of age did: both losses as they were added up, and the validation side before and after. */
export function trialTable(trials: readonly ScaleTrial[]): string {
  const columns = ['age learned in', 'age loss', 'gender loss', 'gender accuracy before', 'after', 'age MAE after'];
  const rows = trials.map(({ ageScale, before, after }) => [
    ageScale === 'years' ? 'years' : 'standard deviations',
    before.ageLoss.toFixed(2),
    before.genderLoss.toFixed(2),
    percent(before.genderAccuracy),
    percent(after.genderAccuracy),
    years(after.ageMaeYears),
  ]);
  return tableHtml(columns, rows);
}

/** "trains "heads" for 5 epochs by Adam with learning rate 0.0001". */
export function describePlan({ trainable, epochs, learningRate }: SessionPlan): string {
  return `trains "${trainable}" for ${epochs} epochs by Adam with learning rate ${learningRate}`;
}
