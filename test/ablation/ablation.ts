/** Trains the rows of the ablation, each a run of its own that goes on where it was left, and sums them up. */
import { existsSync } from 'node:fs';
import { InputError } from '../../lib/base/errors';
import { readJson, writeJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import { percent } from '../../lib/base/text';
import { overlaid, type Settings } from '../../lib/config';
import { startRun } from '../../lib/run/data';
import { type EpochMetrics, type History, readHistory } from '../../lib/training/history';
import { type TrainOptions, train } from '../../lib/training/trainer';
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
  for (const row of chooseRows(rows)) {
    const seed = settings.seed ?? 1;
    const run = await startRun(overlaid(row.settings, settings), `ablation/${row.name}-seed-${seed}`, options.onProgress);
    await train(run, options);
    const result = resultOf(row, seed, readHistory(run));
    results.push(result);
    await addResult(result);
    onRow?.(result);
  }
  return results;
}

async function addResult(result: AblationResult): Promise<void> {
  const file = projectPath('outputs', 'ablation', 'ablation.json');
  const known: readonly AblationResult[] = existsSync(file) ? readJson(file) : [];
  const others = known.filter(({ name, seed }) => name !== result.name || seed !== result.seed);
  await writeJson(file, [...others, result]);
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

/** The results as a table in Markdown, with each row's distance from the first. */
export function ablationTable(results: readonly AblationResult[]): string {
  const [base] = results;
  const signed = (value: number, digits: number) => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(digits)}`;
  const rows = results.map(({ change, selection, command }) => {
    const { ageMaeYears, genderAccuracy } = selection;
    const ages = `${ageMaeYears.toFixed(2)} (${signed(ageMaeYears - base.selection.ageMaeYears, 2)})`;
    const genders = `${percent(genderAccuracy)} (${signed(100 * (genderAccuracy - base.selection.genderAccuracy), 1)})`;
    return `| ${change} | ${ages} | ${genders} | \`${command}\` |`;
  });
  return ['| one change | age MAE, years | gender accuracy | command |', '|---|---|---|---|', ...rows].join('\n');
}
