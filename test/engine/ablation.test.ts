/** The ablation's table from real runs, small enough to be made twice: a finished row is not trained again. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { readJson, writeJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import { resolveConfig } from '../../lib/presets';
import { listRuns } from '../../lib/run/run';
import type { AblationResult } from '../ablation/ablation';
import { ABLATION_ROWS } from '../ablation/rows';
import { runCommand, succeeded } from '../command';
import { signalled } from '../kill';

const SEED = 100_000 + process.pid;
const ROWS = ['base', 'no-average'];

const SUMMARY = projectPath('outputs', 'ablation', 'ablation.json');

const ablation = (words: readonly string[]) => runCommand(['ablation', ...words]);
const summary = (): readonly AblationResult[] => (existsSync(SUMMARY) ? readJson(SUMMARY) : []);

after(async () => {
  await writeJson(
    SUMMARY,
    summary().filter(({ seed }) => seed !== SEED),
  );
  for (const row of ROWS) rmSync(projectPath('outputs', 'ablation', `${row}-seed-${SEED}`), { recursive: true, force: true });
});

test('every row changes the recipe, and one part of it only', () => {
  const [base, ...others] = ABLATION_ROWS.map(({ settings }) => resolveConfig(settings));
  assert.ok(others.length >= 6);
  assert.equal(base.sessions[0].epochs + base.sessions[1].epochs, 8);
  assert.equal(base.judgedBy, 'selection');
  for (const config of others) {
    const changed = Object.keys(base).filter((key) => JSON.stringify(Reflect.get(base, key)) !== JSON.stringify(Reflect.get(config, key)));
    assert.ok(changed.length >= 1 && changed.length <= 3, changed.join());
  }
});

test('rows are trained once, also where they were stopped, and the table says what each is worth', async () => {
  const before = summary();
  const wordsOf = (rows: readonly string[]) => ['--rows', rows.join(), '--seed', String(SEED), '--limit', '40', '--epochs', '1'];
  const words = wordsOf(ROWS);
  const stopped = await signalled(
    [process.execPath, '--import', 'tsx', 'test/ablation/main.ts', ...words],
    /Session 1, epoch 1 of 1: /,
    'SIGINT',
  );
  assert.equal(stopped.code, 130, stopped.said);
  assert.match(stopped.said, new RegExp(`^Stopped .* All of it is saved\\. To go on: npm run ablation -- ${words.join(' ')}$`, 'm'));
  assert.deepEqual(summary(), before);

  const first = succeeded(ablation(words));
  assert.match(first.stdout, /Session 2, epoch 1: [\s\S]*Row base is done[\s\S]*Row no-average is done/);
  assert.match(first.stdout, /\| the plainer recipe \| [\d.]+ \| [\d.]+ % \| none trained \| `npm run ablation -- --rows base --seed/);
  const signed = String.raw`\*{0,2}[+−][\d.]+\*{0,2}, [+−][\d.]+ to [+−][\d.]+`;
  const changed = String.raw`\| no running average of the weights \| [\d.]+ \(${signed}\) \| [\d.]+ % \(${signed}\) \| none trained \| `;
  assert.match(first.stdout, new RegExp(changed));
  const again = ablation(words);
  assert.doesNotMatch(again.stdout, /Session/);
  assert.equal(again.stdout.split('\n').slice(-5).join(), first.stdout.split('\n').slice(-5).join());

  succeeded(ablation(wordsOf(ROWS.slice(1))));
  const added = summary().filter(({ seed }) => seed === SEED);
  assert.deepEqual(added.map(({ name }) => name).sort(), [...ROWS].sort(), 'a call for one row leaves the other');
  assert.deepEqual(summary().slice(0, before.length), before, 'and those of other seeds');
  for (const { name, selection, difference } of added) {
    if (name === 'base') assert.equal(difference, undefined);
    const [base] = added.filter((other) => other.name === 'base');
    const { value = 0, low = 0, high = 0 } = difference?.ageMaeYears ?? {};
    assert.ok(Math.abs(selection.ageMaeYears - base.selection.ageMaeYears - value) < 0.01, `${name}: the saved model is what was judged`);
    assert.ok(low <= value && value <= high);
  }
  assert.ok(!listRuns().some((name) => name.includes(String(SEED))), 'no row is ever the newest run');
});
