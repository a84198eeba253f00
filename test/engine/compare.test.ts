/** `npm run compare` on real runs, small ones: whom it judges by, and what it says of the difference. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { buildCatalog } from '../../lib/data/catalog';
import { shortHash } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { facesForBoth } from '../../lib/evaluation/compare';
import { readSplitHashes } from '../../lib/model/model-folder';
import { runCommand, succeeded } from '../command';
import { finish, removeRuns } from '../kill';

const [SHORT, LONG, OTHER] = ['short', 'long', 'other'].map((name) => `zz-compare-${process.pid}-${name}`);
const modelOf = (run: string) => projectPath('outputs', run, 'model');

before(() => {
  removeRuns([SHORT, LONG, OTHER]);
  const words = ['--preset', 'demo', '--limit', '300', '--image-size', '32'];
  finish([...words, '--epochs', '1', '--learning-rate', '1e-6', '--run', SHORT]);
  finish([...words, '--epochs', '4', '--learning-rate', '1e-3', '--run', LONG]);
  finish([...words, '--epochs', '1', '--learning-rate', '1e-6', '--seed', '2', '--run', OTHER]);
});
after(() => removeRuns([SHORT, LONG, OTHER]));

test('a run that hardly learned is worse than one that did, and the difference is called real', () => {
  const { stdout } = succeeded(runCommand(['compare', SHORT, path.relative(projectPath(), modelOf(LONG))]));
  const count = readSplitHashes(modelOf(SHORT)).validation.length;
  assert.match(stdout, new RegExp(`^${count} faces, from which neither ${SHORT} nor .* has learned\\.$`, 'm'));
  const [, first, second] =
    /^age MAE: ([\d.]+) years and ([\d.]+) years; always the median age and one gender: [\d.]+ years$/m.exec(stdout) ?? [];
  const [, apart, low, high] = /second minus first: −([\d.]+) years, 95 % interval −([\d.]+) to −([\d.]+): real/.exec(stdout) ?? [];
  assert.ok(Number(second) < Number(first), stdout);
  assert.ok(Math.abs(Number(first) - Number(second) - Number(apart)) < 0.011, stdout);
  assert.ok(Number(high) < Number(apart) && Number(apart) < Number(low), stdout);
});

test('a run is no better than itself', () => {
  const { stdout } = succeeded(runCommand(['compare', LONG, LONG]));
  assert.equal(stdout.match(/second minus first: \+0\.00? (?:years|points), .*: may be chance, 0 lies inside/g)?.length, 2, stdout);
});

test('only faces judge that are on the validation sides of both, which other seeds draw otherwise', async () => {
  const catalog = await buildCatalog(await openSource(undefined));
  const faces = facesForBoth([modelOf(LONG), modelOf(OTHER)], catalog);
  const sides = [LONG, OTHER].map((run) => readSplitHashes(modelOf(run)).validation);
  const both = sides[0].filter((hash) => sides[1].includes(hash));
  assert.ok(both.length > 0 && both.length < sides[0].length);
  assert.deepEqual(faces.map(({ sha256 }) => shortHash(sha256)).sort(), [...both].sort());
});
