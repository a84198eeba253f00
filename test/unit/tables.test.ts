import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percent, years } from '../../lib/base/text';
import { historyTable, layerTable, scoreTable } from '../../lib/course/tables';
import { BASELINES, networkLayers, realHistory } from '../figures';

/** Each row's cells, the names of the columns first. */
function cellsOf(table: string): string[][] {
  const rows = table.match(/<tr>.*?<\/tr>/g) ?? [];
  return rows.map((row) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell]) => cell));
}

test('an epoch is a row: what was measured in training beside what was measured after it', () => {
  const history = realHistory();
  const [names, first, ...others] = cellsOf(historyTable(history, 'years'));
  assert.deepEqual(first, ['1', '195.509', '0.478', '10.0 years', '6.4 years', '75.7 %', '89.4 %', '94']);
  assert.deepEqual([names.length, names[1]], [8, 'age loss (years²)']);
  assert.equal(others.length, history.length - 1);
});

test('results stand beside each other, a column each', () => {
  const { validation } = realHistory().at(-1)!;
  assert.deepEqual(cellsOf(scoreTable({ 'without looking': BASELINES, 'after session 2': validation })), [
    ['validation side', 'without looking', 'after session 2'],
    ['age, mean absolute error', '15.1 years', '4.4 years'],
    ['gender, faces named correctly', '52.0 %', '94.7 %'],
  ]);
});

test('a layer is a row: what it puts out, what it holds, what it costs', () => {
  const rows = cellsOf(layerTable(networkLayers()));
  assert.deepEqual(
    rows.find(([layer]) => layer === 'expanded_conv_1_depthwise'),
    ['expanded_conv_1_depthwise', 'DepthwiseConv2D', '24 x 24 x 96', '960', '497,664'],
  );
});

test('what nothing could be measured on is told in words, whether it comes as null or as no number', () => {
  assert.deepEqual([percent(Number.NaN), years(Number.NaN)], [percent(null), years(null)]);
  assert.deepEqual([percent(0), years(0)], ['0.0 %', '0.0 years']);
});
