/** The tables that the notebooks show more than once. */
import { percent, years } from '../base/text';
import type { Config } from '../config';
import type { Scores } from '../evaluation/evaluate';
import { ageLossUnit } from '../figures/history';
import type { LayerDescription } from '../model/layer-weights';
import { type Cell, tableHtml } from '../pages/html';
import type { EpochRecord, History } from '../training/history';

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
  const rows = [
    ['age, mean absolute error', ...scores.map(({ ageMaeYears }) => years(ageMaeYears))],
    ['gender, faces named correctly', ...scores.map(({ genderAccuracy }) => percent(genderAccuracy))],
  ];
  return tableHtml(['validation side', ...Object.keys(results)], rows);
}

/** The epochs: what was measured in training and on the validation side. `ageScale` is the unit of the age loss. */
export function historyTable(history: History, ageScale: Config['ageScale']): string {
  const columns: readonly (readonly [string, (record: EpochRecord) => Cell])[] = [
    ['epoch', ({ epoch }) => epoch],
    [`age loss (${ageLossUnit(ageScale)})`, ({ training }) => training.ageLoss.toFixed(3)],
    ['gender loss', ({ training }) => training.genderLoss.toFixed(3)],
    ['age MAE, training', ({ training }) => years(training.ageMaeYears)],
    ['validation', ({ validation }) => years(validation.ageMaeYears)],
    ['gender accuracy, training', ({ training }) => percent(training.genderAccuracy)],
    ['validation', ({ validation }) => percent(validation.genderAccuracy)],
    ['images/s', ({ imagesPerSecond }) => Math.round(imagesPerSecond)],
  ];
  const names = columns.map(([name]) => name);
  const rows = history.map((record) => columns.map(([, cell]) => cell(record)));
  return tableHtml(names, rows);
}
