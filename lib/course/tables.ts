/** The tables that the notebooks show more than once. */

import { percent, years } from '../base/text';
import type { Config } from '../config/config';
import type { Scores } from '../evaluate';
import { ageLossUnit } from '../figures/history';
import type { LayerDescription } from '../model/layer-weights';
import { tableHtml } from '../pages/html';
import type { History } from '../training/history';

/** Layers as rows: name, kind, output shape, parameters, multiply-adds. */
export function layerTable(layers: readonly LayerDescription[]): string {
  const columns = ['layer', 'kind', 'output shape', 'parameters', 'multiply-adds'];
  const rows = layers.map(({ layer, kind, outputShape, parameters, multiplyAdds }) => {
    return [layer, kind, outputShape.join(' x '), parameters, multiplyAdds];
  });
  return tableHtml(columns, rows);
}

/** Results beside each other, a column each: the age error and the faces named correctly. */
export function scoreTable(results: Readonly<Record<string, Scores>>): string {
  const scores = Object.values(results);
  return tableHtml(
    ['validation side', ...Object.keys(results)],
    [
      ['age, mean absolute error', ...scores.map(({ ageMaeYears }) => years(ageMaeYears))],
      ['gender, faces named correctly', ...scores.map(({ genderAccuracy }) => percent(genderAccuracy))],
    ],
  );
}

/** The epochs: what was measured in training and on the validation side. `ageScale` is the unit of the age loss. */
export function historyTable(history: History, ageScale: Config['ageScale']): string {
  const columns = [
    'epoch',
    `age loss (${ageLossUnit(ageScale)})`,
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
