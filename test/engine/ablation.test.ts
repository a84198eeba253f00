/** The ablation's table from real runs, small enough to be made twice: a finished row is not trained again. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { readJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import { resolveConfig } from '../../lib/config';
import { ABLATION_ROWS } from '../ablation/rows';
import { runCommand, succeeded } from '../command';

const SEED = 100_000 + process.pid;
const ROWS = ['base', 'no-average'];

after(() => {
  for (const row of ROWS) rmSync(projectPath('outputs', `ablation-${row}-seed-${SEED}`), { recursive: true, force: true });
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

test('rows are trained once, and the table says what each is worth', () => {
  const words = ['ablation', '--rows', ROWS.join(), '--seed', String(SEED), '--limit', '40', '--epochs', '1'];
  const first = succeeded(runCommand(words));
  assert.match(first.stdout, /Session 2, epoch 1: [\s\S]*Row base is done[\s\S]*Row no-average is done/);
  assert.match(
    first.stdout,
    /\| the plainer recipe \| [\d.]+ \(\+0\.00\) \| [\d.]+ % \(\+0\.0\) \| `npm run ablation -- --rows base --seed/,
  );
  assert.match(first.stdout, /\| no running average of the weights \| /);
  const again = runCommand(words);
  assert.doesNotMatch(again.stdout, /Session/);
  assert.equal(again.stdout.split('\n').slice(-4).join(), first.stdout.split('\n').slice(-4).join());
  succeeded(runCommand(['ablation', '--rows', ROWS[0], ...words.slice(3)]));
  const kept = readJson<readonly { name: string; seed: number }[]>(projectPath('outputs', 'ablation', 'ablation.json'));
  assert.deepEqual(kept.flatMap(({ name, seed }) => (seed === SEED ? [name] : [])).sort(), [...ROWS].sort(), 'rows of other calls stay');
});
