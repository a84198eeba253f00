/** `npm run doctor -- --clean-cache`: what no run needs goes, everything else stays. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { PRESETS } from '../../lib/presets';
import { cacheUseOf, recordCacheUse } from '../../lib/run/run';
import { runCommand, succeeded } from '../command';
import { temporaryFolder, writeFiles } from '../files';
import { scratchProject } from '../scratch';

const MEGABYTE = Buffer.alloc(1e6);
const CONFIG = JSON.stringify(PRESETS.demo);

function clean(context: TestContext, files: Readonly<Record<string, Buffer | string>>): { readonly said: string; readonly left: string[] } {
  const project = scratchProject(context);
  writeFiles(project, files);
  const { stdout } = succeeded(runCommand(['doctor', '--clean-cache'], {}, project));
  return { said: stdout, left: readdirSync(path.join(project, 'data', 'cache')).sort() };
}

test('what no run names is freed, and how much that is is said', (context) => {
  const { said, left } = clean(context, {
    'data/cache/pixels-96-0123456789abcdef.u8': MEGABYTE,
    'data/cache/features-96-0123456789abcdef.f32': MEGABYTE,
    'data/cache/catalog-0123456789abcdef.json': '{"sha256":"aa"}',
    'data/cache/drawn-3-800/1_0_0_20170101000000000.jpg': MEGABYTE,
    'data/cache/UTKFace-0123456789ab/1_0_0_20170101000000000.jpg': MEGABYTE,
  });
  assert.deepEqual(left, []);
  assert.equal(said, 'Freed 5 MB of data/cache.\n'); // and a few bytes more
});

test('downloads, one of them under way, what another process writes and what is not ours stay', (context) => {
  const files = [
    'UTKFace.tar.gz',
    'other.zip',
    'UTKFace.tar.gz.part',
    `pixels-96-0123456789abcdef.u8.${process.pid}-01234567.part`,
    'my notes.txt',
  ];
  const { left, said } = clean(context, Object.fromEntries(files.map((name) => [`data/cache/${name}`, MEGABYTE])));
  assert.deepEqual(left, [...files].sort());
  assert.equal(said, 'Freed 0 MB of data/cache.\n');
});

test('what a process that is gone left half-written is freed', (context) => {
  const { left } = clean(context, { 'data/cache/pixels-96-0123456789abcdef.u8.999999999-01234567.part': MEGABYTE });
  assert.deepEqual(left, []);
});

test('an unfinished run, one of the ablation or of a soup too, keeps all it works with, a finished one its faces and its catalog', (context) => {
  const cache = (key: string) => ({
    [`data/cache/pixels-96-${key}.u8`]: MEGABYTE,
    [`data/cache/features-96-${key}.f32`]: MEGABYTE,
    [`data/cache/catalog-${key}.json`]: `{"sha256":"${key}${key}"}`,
    [`data/cache/UTKFace-${key.slice(0, 12)}/faces/1_0_0_20170101000000000.jpg`]: MEGABYTE,
  });
  const run = (name: string, key: string) => ({
    [`outputs/${name}/config.json`]: CONFIG,
    [`outputs/${name}/split.json`]: `{"dataSha256":"${key}${key}"}`,
    [`outputs/${name}/cache.json`]: JSON.stringify([`pixels-96-${key}.u8`, `features-96-${key}.f32`, `UTKFace-${key.slice(0, 12)}`]),
  });
  const [going, done, row, fork] = ['0'.repeat(16), '1'.repeat(16), '2'.repeat(16), '3'.repeat(16)];
  const { left } = clean(context, {
    ...cache(going),
    ...cache(done),
    ...cache(row),
    ...cache(fork),
    ...run('going', going),
    ...run('done', done),
    ...run('ablation/baseline-seed-1', row),
    ...run('soups/going-fork-1', fork),
    'outputs/done/metrics.json': '{}',
  });
  assert.deepEqual(left, [
    'UTKFace-000000000000',
    'UTKFace-111111111111',
    'UTKFace-222222222222',
    'UTKFace-333333333333',
    `catalog-${going}.json`,
    `catalog-${done}.json`,
    `catalog-${row}.json`,
    `catalog-${fork}.json`,
    `features-96-${going}.f32`,
    `features-96-${row}.f32`,
    `features-96-${fork}.f32`,
    `pixels-96-${going}.u8`,
    `pixels-96-${row}.u8`,
    `pixels-96-${fork}.u8`,
  ]);
});

test('a run adds to its list what of data/cache it works with, and nothing else', async (context) => {
  const run = { name: 'going', folder: temporaryFolder(context), config: PRESETS.demo };
  const inCache = (...parts: string[]) => projectPath('data', 'cache', ...parts);
  await recordCacheUse(run, inCache('UTKFace-0123456789ab', 'faces'), projectPath('data', 'UTKFace'));
  await recordCacheUse(run, inCache('pixels-96-0.u8'), inCache('UTKFace-0123456789ab'));
  assert.deepEqual(cacheUseOf(run.folder), ['UTKFace-0123456789ab', 'pixels-96-0.u8']);
});
