/** A run that is killed, or stopped politely, goes on to the same bytes as one that was left alone. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readJson } from '../../lib/base/files';
import { projectPath, projectRoot } from '../../lib/base/project';
import { seededRandom } from '../../lib/base/random';
import type { Config } from '../../lib/config';
import { type Split, shortHash } from '../../lib/data/record';
import { loadFacts, readSplitHashes } from '../../lib/model/model-folder';
import { runCommand, succeeded } from '../command';
import { temporaryFolder } from '../files';
import { assertSameRuns, finish, killAfter, phaseOf, placeOf, removeRuns, SMALL_BEST, signalled, writeSettings } from '../kill';

const UNDISTURBED = `zz-resume-${process.pid}-undisturbed`;
const DISTURBED = `zz-resume-${process.pid}-disturbed`;
const TINY = `zz-resume-${process.pid}-tiny`;

before(() => removeRuns([UNDISTURBED, DISTURBED, TINY]));
after(() => removeRuns([UNDISTURBED, DISTURBED, TINY]));

test('killed three times and stopped three times, a run ends with the bytes of an undisturbed one', async (context) => {
  const settings = writeSettings(temporaryFolder(context), SMALL_BEST);
  finish(['--preset', settings, '--run', UNDISTURBED]);
  const words = ['--preset', settings, '--run', DISTURBED, '--checkpoint-minutes', '0'];
  const random = seededRandom(3);
  assert.ok(await killAfter(/^Run /, words, random));
  assert.ok(await killAfter(/Session 1, epoch 1 of 2: /, words, random));
  context.diagnostic(phaseOf(DISTURBED));

  // As a terminal does it: Ctrl-C goes to npm, its shell and the program, and npm passes it on once more.
  const stopped = await signalled(['npm', 'run', 'train', '--', '--run', DISTURBED], /Session \d, epoch \d of 2: /, 'SIGINT');
  assert.match(stopped.said, new RegExp(`^Stopped .*All of it is saved\\. To go on: npm run train -- --run ${DISTURBED}$`, 'm'));
  assert.doesNotMatch(stopped.said, / at /, 'one line, no stack');
  assert.ok(stopped.signal === 'SIGINT' || stopped.code === 130);

  const command = [process.execPath, '--import', 'tsx', 'lib/tools/cli/main.ts', 'train', '--run', DISTURBED];
  const terminal = [projectPath('test', 'close_terminal.py'), 'Session \\d, epoch \\d of 2: ', ...command];
  const before = placeOf(DISTURBED);
  execFileSync('python3', terminal, { cwd: projectRoot() });
  assert.notDeepEqual(placeOf(DISTURBED), before, 'what was trained before its terminal was closed is saved');

  assert.ok(await killAfter(/^Session 2, epoch 1: /, words, random));
  const terminated = await signalled(command, /Session 2, epoch \d of 2: /, 'SIGTERM');
  assert.equal(terminated.code, 130, terminated.said);

  finish(['--run', DISTURBED]);
  assertSameRuns(DISTURBED, UNDISTURBED);
});

test('a run ends with age intervals that half of its validation side has calibrated; where two faces are all of it, with none', () => {
  const modelOf = (name: string) => projectPath('outputs', name, 'model');
  const { validation } = readJson<Split>(projectPath('outputs', UNDISTURBED, 'split.json'));
  const { calibration } = readSplitHashes(modelOf(UNDISTURBED));
  const own = new Set(validation.map(({ sha256 }) => shortHash(sha256)));
  assert.ok(calibration.every((hash) => own.has(hash)) && Math.abs(calibration.length - validation.length / 2) <= 1);
  const { ageIntervals } = loadFacts(modelOf(UNDISTURBED));
  assert.equal(ageIntervals?.calibrationFaces, calibration.length);
  assert.deepEqual(loadFacts(modelOf(DISTURBED)).ageIntervals, ageIntervals);
  succeeded(runCommand(['train', '--preset', 'demo', '--limit', '11', '--epochs', '1', '--image-size', '32', '--run', TINY]));
  assert.equal(loadFacts(modelOf(TINY)).ageIntervals, undefined);
  assert.deepEqual(readSplitHashes(modelOf(TINY)).calibration, []);
  const { stdout } = succeeded(runCommand(['evaluate', '--split', 'run', '--model', modelOf(TINY)]));
  assert.match(stdout, /No age intervals to judge: the model has none/);
});

test('a finished run asked for again says so and stays as it is; settings that do not agree are refused', () => {
  const metrics = () => readFileSync(projectPath('outputs', DISTURBED, 'metrics.json'), 'utf8');
  const before = metrics();
  const again = succeeded(runCommand(['train', '--run', DISTURBED, '--seed', '1']));
  assert.match(again.stdout, /is finished and stays as it is/);
  assert.equal(metrics(), before);
  const other = runCommand(['train', '--run', DISTURBED, '--seed', '2']);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /another configuration \(seed 1, not 2\)\. Leave these settings out to go on with it/);
});

test('a finished run is told where its weights lie now, too, for the notebooks that open it', (context) => {
  const moved = path.join(temporaryFolder(context), 'model');
  cpSync(projectPath('data', 'model'), moved, { recursive: true });
  succeeded(runCommand(['train', '--run', DISTURBED, '--weights', moved]));
  assert.equal(readJson<Config>(projectPath('outputs', DISTURBED, 'config.json')).weights, moved);
});
