/** Forks of a small run differ, share its first session and its sides, and their mean is judged, saved and said to be one. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { readJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import { hashWeights, type NamedWeights } from '../../lib/model/weights';
import { readProvenance } from '../../lib/run/provenance';
import { openRunFolder } from '../../lib/run/run';
import { checkpointFile, finishedSession, readSafetensors } from '../../lib/training/checkpoint';
import { finishedMetrics } from '../../lib/training/finish';
import { keptWeights } from '../../lib/training/graph-step';
import { runCommand, succeeded } from '../command';
import { meanOf } from '../soup/soup';

const NAME = `zz-soup-${process.pid}`;
const NAMES = [NAME, `soups/${NAME}-fork-1`, `soups/${NAME}-fork-2`];
after(() => {
  for (const name of [...NAMES, `${NAME}-soup`]) rmSync(projectPath('outputs', name), { recursive: true, force: true });
});

test('a soup is the mean of forks that went different ways', () => {
  const words = ['--preset', 'best', '--image-size', '48', '--epochs', '1', '--batch-size', '64', '--run', NAME];
  succeeded(runCommand(['train', ...words]));
  const { stdout } = succeeded(runCommand(['soup', '--run', NAME, '--forks', '2']));
  assert.equal((stdout.match(/age MAE [\d.]+ years, gender accuracy [\d.]+ %$/gm) ?? []).length, 4, stdout);

  const runs = NAMES.map((name) => openRunFolder(name));
  const weightsOf = (name: string): NamedWeights => keptWeights(finishedSession(openRunFolder(name), 2).state);
  const first = runs.map((run) => hashWeights(readSafetensors(checkpointFile(run, 1)).arrays));
  assert.equal(new Set(first).size, 1, 'one session 1');
  assert.equal(new Set(NAMES.map((name) => hashWeights(weightsOf(name)))).size, 3, 'three sessions 2');
  const splits = runs.map(({ folder }) => JSON.stringify(readJson(path.join(folder, 'split.json'))));
  assert.equal(new Set(splits).size, 1);

  const soup = openRunFolder(`${NAME}-soup`);
  const expected = hashWeights(meanOf(NAMES.map(weightsOf)));
  assert.equal(hashWeights(weightsOf(soup.name)), expected);
  assert.equal(finishedMetrics(soup)?.weightsSha256, expected);
  assert.deepEqual(readProvenance(soup).soup, NAMES);
  const again = succeeded(runCommand(['soup', '--run', NAME, '--forks', '2']));
  assert.doesNotMatch(again.stdout, /Session/, 'nothing is trained twice');

  rmSync(projectPath('outputs', NAME), { recursive: true });
  succeeded(runCommand(['train', ...words, '--seed', '2']));
  const other = runCommand(['soup', '--run', NAME, '--forks', '2']);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /fork-1 began as another run than zz-soup-\d+ of today\. Remove that folder/);
});

test('the mean of networks is taken weight by weight', () => {
  const network = (...values: number[]): NamedWeights => ({ kernel: { shape: [values.length], values: Float32Array.from(values) } });
  assert.deepEqual(meanOf([network(1, -4), network(3, 0), network(5, 1)]), network(3, -1));
});
