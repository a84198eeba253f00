/** Trains the rows of the ablation, each a run of its own that goes on where it was left, and sums them up. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lib/base/errors';
import { readJson, writeJson } from '../../lib/base/files';
import type { ProgressListener } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { streamFor } from '../../lib/base/random';
import { percent } from '../../lib/base/text';
import { overlaid, type Settings } from '../../lib/config';
import type { Estimate } from '../../lib/evaluation/bootstrap';
import { type ScoredFace, scoreFaces } from '../../lib/evaluation/evaluate';
import { readSplitHashes } from '../../lib/model/model-folder';
import { openPredictor } from '../../lib/predict/open-predictor';
import { type RunData, startRun } from '../../lib/run/data';
import { type EpochMetrics, type History, readHistory } from '../../lib/training/history';
import { type TrainOptions, train } from '../../lib/training/trainer';
import { differenceOf, signed } from '../compare/difference';
import { ABLATION_ROWS, type AblationRow } from './rows';

export interface AblationResult {
  readonly name: string;
  readonly change: string;
  readonly seed: number;
  /** What trains this row alone. */
  readonly command: string;
  readonly epochs: number;
  /** On the faces kept apart for choosing, after the last epoch. */
  readonly selection: EpochMetrics;
  readonly seconds: number;
  /** This row minus the base row of the same seed, on these faces; absent for the base row, and where that is not trained on the same. */
  readonly difference?: ReturnType<typeof differenceOf>;
}

export interface AblationOptions extends TrainOptions {
  /** Data, weights, seed and limit, the same for every row. */
  readonly settings: Pick<Settings, 'data' | 'weights' | 'seed' | 'limit' | 'epochs'>;
  /** Names of the rows to train; all of them where it is empty. */
  readonly rows: readonly string[];
  readonly onRow?: (result: AblationResult) => void;
}

/**
 * Trains the rows that are not finished, each to a run below outputs/ablation/, where nobody takes it for the newest of the
 * person's own. After each row outputs/ablation/ablation.json holds it beside what was there of other rows and seeds.
 */
export async function runAblation({ settings, rows, onRow, ...options }: AblationOptions): Promise<readonly AblationResult[]> {
  const results: AblationResult[] = [];
  const seed = settings.seed ?? 1;
  const base = projectPath('outputs', 'ablation', `${ABLATION_ROWS[0].name}-seed-${seed}`, 'model');
  let baseAnswers: readonly ScoredFace[] | undefined;
  for (const row of chooseRows(rows)) {
    const run = await startRun(overlaid(row.settings, settings), `ablation/${row.name}-seed-${seed}`, options.onProgress);
    await train(run, options);
    const own = path.join(run.folder, 'model');
    let difference: AblationResult['difference'];
    if (judgedAlike(base, own)) {
      baseAnswers ??= await scoreModel(base, run, options.onProgress);
      const answers = await scoreModel(own, run, options.onProgress);
      difference = differenceOf([baseAnswers, answers], run.catalog, streamFor(seed, 'ablation'));
    }
    const result = { ...resultOf(row, seed, readHistory(run)), ...(difference && { difference }) };
    results.push(result);
    await addResult(result);
    onRow?.(result);
  }
  return results;
}

/** Whether there are two models, which the same faces have judged. */
function judgedAlike(base: string, own: string): boolean {
  if (base === own || !existsSync(path.join(base, 'model.json'))) return false;
  return readSplitHashes(base).validation.join() === readSplitHashes(own).validation.join();
}

async function addResult(result: AblationResult): Promise<void> {
  const others = readAblation().filter(({ name, seed }) => name !== result.name || seed !== result.seed);
  await writeJson(SUMMARY, [...others, result]);
}

const SUMMARY = projectPath('outputs', 'ablation', 'ablation.json');

/** The rows of all calls so far, of every seed. */
export function readAblation(): readonly AblationResult[] {
  return existsSync(SUMMARY) ? readJson(SUMMARY) : [];
}

function chooseRows(names: readonly string[]): readonly AblationRow[] {
  if (names.length === 0) return ABLATION_ROWS;
  return names.map((name) => {
    const row = ABLATION_ROWS.find((other) => other.name === name);
    if (!row) throw new InputError(`row "${name}": expected one of ${ABLATION_ROWS.map((other) => other.name).join(', ')}.`);
    return row;
  });
}

function resultOf({ name, change }: AblationRow, seed: number, history: History): AblationResult {
  return {
    name,
    change,
    seed,
    command: `npm run ablation -- --rows ${name} --seed ${seed}`,
    epochs: history.length,
    selection: history[history.length - 1].validation,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/**
 * The results as a table in Markdown, with how far each row is from the base row and the 95 % interval of that, bold where it leaves out
 * 0; and what the same row came to with other seeds, for intervals know of the choice of faces alone.
 */
export function ablationTable(results: readonly AblationResult[], known: readonly AblationResult[]): string {
  const apart = (estimate: Estimate | null | undefined, factor: number, digits: number) => {
    if (!estimate) return '';
    const [value, low, high] = [estimate.value, estimate.low, estimate.high].map((figure) => signed(factor * figure, digits));
    const mark = estimate.low > 0 || estimate.high < 0 ? '**' : '';
    return ` (${mark}${value}${mark}, ${low} to ${high})`;
  };
  const otherSeeds = ({ name, seed, epochs }: AblationResult) => {
    const others = known.filter((other) => other.name === name && other.seed !== seed && other.epochs === epochs);
    const texts = others.map((other) => {
      const [age, gender] = [other.difference?.ageMaeYears, other.difference?.genderAccuracy];
      const between = age && gender ? ` (${signed(age.value, 2)}, ${signed(100 * gender.value, 1)})` : '';
      return `seed ${other.seed}: ${other.selection.ageMaeYears.toFixed(2)}, ${percent(other.selection.genderAccuracy)}${between}`;
    });
    return texts.join('; ') || 'none trained';
  };
  const rows = results.map((result) => {
    const { change, selection, command, difference } = result;
    const ages = `${selection.ageMaeYears.toFixed(2)}${apart(difference?.ageMaeYears, 1, 2)}`;
    const genders = `${percent(selection.genderAccuracy)}${apart(difference?.genderAccuracy, 100, 1)}`;
    return `| ${change} | ${ages} | ${genders} | ${otherSeeds(result)} | \`${command}\` |`;
  });
  const head = '| one change | age MAE, years | gender accuracy | with other seeds | command |\n|---|---|---|---|---|';
  return [head, ...rows].join('\n');
}

/** What a model says of the faces that judge a run. */
async function scoreModel(model: string, { catalog, split }: RunData, onProgress?: ProgressListener): Promise<ScoredFace[]> {
  const predictor = await openPredictor(model);
  return scoreFaces(predictor, catalog, split.validation, onProgress).finally(() => predictor.dispose());
}
