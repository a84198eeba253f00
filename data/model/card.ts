/** `npm run card`: the tables of the model card, from the faces that judged the model: by group, with 95 % intervals, and how calibrated it is. */
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { grouped } from '../../lib/base/text';
import { mean } from '../../lib/data/bands';
import { buildCatalog } from '../../lib/data/catalog';
import { type Gender, shortHash } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import type { Estimate } from '../../lib/evaluation/bootstrap';
import { type ScoredFace, scoreFaces } from '../../lib/evaluation/evaluate';
import { expectedCalibrationError, type Said } from '../../lib/evaluation/gender-metrics';
import { type GroupRow, groupRows } from '../../lib/evaluation/groups';
import { loadFacts, readSplitHashes } from '../../lib/model/model-folder';
import { temperatureOf } from '../../lib/model/temperature';
import { openPredictor } from '../../lib/predict/open-predictor';
import { type Command, runCommand } from '../../lib/tools/cli/command';

const command: Command = {
  summary: 'Prints the tables of the model card: errors by group with 95 % intervals, and the calibration of gender.',
  options: {
    model: { type: 'string', value: 'folder', help: 'a model folder (default: data/model)' },
    data: { type: 'string', value: 'path', help: 'what the model was trained with; its validation side is judged' },
  },
  needs: 'engine',
  async run(args) {
    const folder = args.path('model') ?? projectPath('data', 'model');
    const onProgress = terminalProgress();
    const catalog = await buildCatalog(await openSource(args.path('data'), { onProgress }), { onProgress });
    const { validation, calibration } = readSplitHashes(folder);
    const [judging, calibrating] = [new Set(validation), new Set(calibration)];
    const records = catalog.records.filter(({ sha256 }) => judging.has(shortHash(sha256)));
    const predictor = await openPredictor(folder);
    const scored = await scoreFaces(predictor, catalog, records, onProgress).finally(() => predictor.dispose());
    const { groups, crossings } = groupRows(scored, catalog);
    const temperature = loadFacts(folder).genderTemperature ?? 1;
    const halves = [true, false].map((half) => scored.filter(({ record }) => calibrating.has(shortHash(record.sha256)) === half));
    process.stdout.write([groupsTable(groups), groupsTable(crossings), calibrationTable(halves, temperature)].join('\n'));
  },
};

function groupsTable(rows: readonly GroupRow[]): string {
  const cell = (estimate: Estimate | null, digits: number, unit = 1) => {
    if (!estimate) return '';
    const [value, low, high] = [estimate.value, estimate.low, estimate.high].map((figure) => (unit * figure).toFixed(digits));
    return `${value} (${low} to ${high})`;
  };
  const lines = rows.map(
    ({ name, ageMaeYears, genderAccuracy, count }) =>
      `| ${name} | ${cell(ageMaeYears, 2)} | ${cell(genderAccuracy, 1, 100)} | ${grouped(count)} |\n`,
  );
  return `| | mean absolute age error, years | gender accuracy, % | faces |\n|---|---|---|---|\n${lines.join('')}`;
}

/** Before and after a temperature: each half by the one that the other half asks for, so that no face is judged by what it chose. */
function calibrationTable(halves: readonly (readonly ScoredFace[])[], temperature: number): string {
  const trained = halves.map((faces) =>
    faces.map(({ prediction, record }) => said(prediction.femaleProbability, record.gender, 1 / temperature)),
  );
  const temperatures = trained.map((half) =>
    temperatureOf(
      half.map(({ p }) => p),
      half.map(({ label }) => label),
    ),
  );
  const calibrated = trained.map((half, index) => half.map(({ p, label }) => said(p, label, temperatures[1 - index])));
  const row = (name: string, all: readonly Said[]) => {
    const logLoss = mean(all.map(({ p, label }) => -Math.log(Math.max(1e-12, label === 1 ? p : 1 - p))));
    const brier = mean(all.map(({ p, label }) => (p - label) ** 2));
    return `| ${name} | ${(100 * expectedCalibrationError(all)).toFixed(2)} | ${logLoss.toFixed(4)} | ${brier.toFixed(4)} |\n`;
  };
  const head = '| gender | expected calibration error, points | log-loss | Brier score |\n|---|---|---|---|\n';
  const name = `calibrated, temperatures ${temperatures.map((one) => one.toFixed(2)).join(' and ')}`;
  return `${head}${row('as trained', trained.flat())}${row(name, calibrated.flat())}`;
}

/** A probability whose logit is divided by a temperature. */
const said = (p: number, label: Gender, temperature: number): Said => ({ p: 1 / (1 + ((1 - p) / p) ** (1 / temperature)), label });

void runCommand('card', process.argv.slice(2), async () => command);
