/** `npm run compare` on real runs, small ones: whom it judges by, and what it says of the difference. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { buildCatalog } from '../../lib/data/catalog';
import { shortHash } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { readSplitHashes } from '../../lib/model/model-folder';
import { runCommand, succeeded } from '../command';
import { facesForBoth } from '../compare/difference';
import { finish, removeRuns } from '../kill';

const [WILD, CALM, OTHER] = ['wild', 'calm', 'other'].map((name) => `zz-compare-${process.pid}-${name}`);
const modelOf = (run: string) => projectPath('outputs', run, 'model');

before(() => {
  removeRuns([WILD, CALM, OTHER]);
  const words = ['--preset', 'demo', '--limit', '300', '--image-size', '32', '--epochs', '1'];
  finish([...words, '--learning-rate', '0.1', '--run', WILD]);
  finish([...words, '--run', CALM]);
  finish([...words, '--seed', '2', '--run', OTHER]);
});
after(() => removeRuns([WILD, CALM, OTHER]));

test('a run that diverged is worse than one that did not, and the difference is called real', () => {
  const { stdout } = succeeded(runCommand(['compare', WILD, path.relative(projectPath(), modelOf(CALM))]));
  const count = readSplitHashes(modelOf(WILD)).validation.length;
  assert.match(stdout, new RegExp(`^${count} faces, from which neither ${WILD} nor .* has learned\\.$`, 'm'));
  const [, first, second] = /^age MAE, years: ([\d.]+) and ([\d.]+); always the median age and one gender: [\d.]+$/m.exec(stdout) ?? [];
  const [, apart, low, high] = /second minus first: −([\d.]+), 95 % interval −([\d.]+) to −([\d.]+): real/.exec(stdout) ?? [];
  assert.ok(Number(second) < Number(first), stdout);
  assert.ok(Math.abs(Number(first) - Number(second) - Number(apart)) < 0.011, stdout);
  assert.ok(Number(high) < Number(apart) && Number(apart) < Number(low), stdout);
});

test('a run is no better than itself', () => {
  const { stdout } = succeeded(runCommand(['compare', CALM, CALM]));
  assert.equal(stdout.match(/second minus first: \+0\.00?, .*: may be chance, 0 lies inside/g)?.length, 2, stdout);
});

test('only faces judge that are on the validation sides of both, which other seeds draw otherwise', async () => {
  const catalog = await buildCatalog(await openSource(undefined));
  const faces = facesForBoth([modelOf(CALM), modelOf(OTHER)], catalog);
  const sides = [CALM, OTHER].map((run) => readSplitHashes(modelOf(run)).validation);
  const both = sides[0].filter((hash) => sides[1].includes(hash));
  assert.ok(both.length > 0 && both.length < sides[0].length);
  assert.deepEqual(faces.map(({ sha256 }) => shortHash(sha256)).sort(), [...both].sort());
});
