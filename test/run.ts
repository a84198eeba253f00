/**
 * Runs the tests: `npm test` everything but test/full; `npm run test:full -- --data … --weights …` test/full, and with `--photos …` also
 * on a folder of other photos, whose labels.csv has the columns file, age_lo, age_hi, gender.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { globSync } from 'glob';
import { projectRoot } from '../lib/base/project';
import { callerPath } from '../lib/tools/paths';
import { ensureSetup } from '../lib/tools/setup';

interface Round {
  readonly folders: readonly string[];
  /** Files at a time: tests of the engine, kernels and browsers use every core themselves. */
  readonly atATime: number;
}

const QUICK: readonly Round[] = [
  { folders: ['unit'], atATime: 2 },
  { folders: ['engine', 'notebooks', 'browser'], atATime: 1 },
];
const FULL: readonly Round[] = [{ folders: ['full'], atATime: 1 }];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { full: { type: 'boolean' }, data: { type: 'string' }, weights: { type: 'string' }, photos: { type: 'string' } },
  });
  if (values.full && (!values.data || !values.weights)) {
    process.stderr.write('npm run test:full -- --data <UTKFace folder or archive> --weights <ImageNet weights>: both are needed.\n');
    process.exitCode = 1;
    return;
  }
  await ensureSetup('jupyter');
  if (values.full)
    Object.assign(process.env, {
      COURSE_FULL_DATA: callerPath(values.data ?? ''),
      COURSE_FULL_WEIGHTS: callerPath(values.weights ?? ''),
      ...(values.photos && { COURSE_FULL_PHOTOS: callerPath(values.photos) }),
    });
  const passed = (values.full ? FULL : QUICK).map(runRound);
  process.exitCode = passed.every(Boolean) ? 0 : 1;
}

function runRound({ folders, atATime }: Round): boolean {
  const files = folders.flatMap((folder) => globSync(`test/${folder}/*.test.ts`, { cwd: projectRoot() }).sort());
  const words = ['--import', 'tsx', '--test', `--test-concurrency=${atATime}`, '--test-reporter=spec', ...files];
  return spawnSync(process.execPath, words, { cwd: projectRoot(), stdio: 'inherit' }).status === 0;
}

void main();
