/** Figures that are drawn again in the same place: a saved notebook holds what was drawn last, once. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { executeNotebook } from '../../lib/tools/run-notebook';
import { ensureSetup } from '../../lib/tools/setup';

const folder = mkdtempSync(path.join(os.tmpdir(), 'live-'));
before(() => ensureSetup('jupyter'));
after(() => rmSync(folder, { recursive: true }));

test('curves that grow while a cell runs leave one pair of figures behind, the last, where they began', async () => {
  const source = [
    "import { metricFigure } from './lib/figures/history';",
    "import { liveFigures, markFigures, show, showPlotlyLibrary } from './lib/pages/show';",
    "import { readFileSync } from 'node:fs';",
    "const recorded = JSON.parse(readFileSync('data/model/history.json', 'utf8'));",
    'showPlotlyLibrary();',
    "markFigures('drawn faces');",
    'const draw = liveFigures();',
    "show('<p>in between</p>');",
    'for (const epochs of [1, 2, 5]) {',
    '  const history = recorded.slice(0, epochs);',
    "  draw([metricFigure(history, 'ageMaeYears', 1), metricFigure(history, 'genderAccuracy', 1)]);",
    '}',
  ];
  const cell = { cell_type: 'code', id: 'live', metadata: {}, execution_count: null, outputs: [], source: source.join('\n') };
  const kernelspec = { name: 'tslab', display_name: 'TypeScript (course)', language: 'typescript' };
  const notebook = path.join(folder, 'live.ipynb');
  writeFileSync(notebook, JSON.stringify({ cells: [cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
  const output = path.join(folder, 'executed.ipynb');
  await executeNotebook(notebook, output, { environment: {} });
  const [{ outputs }]: { outputs: { data: { 'text/html': string | string[] } }[] }[] = JSON.parse(readFileSync(output, 'utf8')).cells;
  const pieces = outputs.map(({ data }) => [data['text/html']].flat().join(''));
  assert.equal(pieces.length, 3);
  assert.deepEqual(
    [...pieces[1].matchAll(/<figcaption[^>]*>([^<]*)/g)].map(([, title]) => title),
    ['Age error, epochs 1 to 5 (drawn faces)', 'Gender accuracy, epochs 1 to 5 (drawn faces)'],
  );
  assert.match(pieces[2], /in between/);
});
