/** Runs the tests: `npm test` everything but test/full; `npm run test:full -- --data … --weights …` test/full. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { globSync } from 'glob';
import { projectRoot } from '../lib/project';
import { ensureSetup } from '../lib/setup';

const FOLDERS = ['unit', 'engine', 'notebooks', 'browser'];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { full: { type: 'boolean' }, data: { type: 'string' }, weights: { type: 'string' } } });
  if (values.full && (!values.data || !values.weights)) {
    process.stderr.write('npm run test:full -- --data <UTKFace folder or archive> --weights <ImageNet weights>: both are needed.\n');
    process.exitCode = 1;
    return;
  }
  await ensureSetup('jupyter');
  const places = values.full ? ['full'] : FOLDERS;
  const files = places.flatMap((folder) => globSync(`test/${folder}/*.test.ts`, { cwd: projectRoot() }).sort());
  const paths = values.full
    ? { COURSE_FULL_DATA: path.resolve(values.data ?? ''), COURSE_FULL_WEIGHTS: path.resolve(values.weights ?? '') }
    : {};
  // One file at a time: most of them use every core themselves.
  const words = ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=spec', ...files];
  const { status } = spawnSync(process.execPath, words, { cwd: projectRoot(), env: { ...process.env, ...paths }, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

void main();
