/** A run that is killed goes on, after its last whole epoch, to the same bits as one that was left alone. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { readJson } from '../../lib/json';
import { projectPath, projectRoot } from '../../lib/project';
import type { RunMetrics } from '../../lib/training/finish';
import type { EpochRecord } from '../../lib/training/history';
import { runCommand } from '../command';

const SMALL = ['train', '--limit', '160', '--epochs', '2', '--image-size', '64'];
const NAMES = ['undisturbed', 'killed'].map((name) => `zz-resume-${process.pid}-${name}`);

after(() => {
  for (const name of NAMES) rmSync(projectPath('outputs', name), { recursive: true, force: true });
});

test('killed in session 2 and started again, a run ends with the same weights and history', async () => {
  const [undisturbed, killed] = NAMES;
  assert.equal(runCommand([...SMALL, '--run', undisturbed]).code, 0);
  await killAfter(/^Session 2, epoch 1:/, [...SMALL, '--run', killed]);
  assert.equal(epochs(killed).length, 3, 'both epochs of session 1 and one of session 2 are on disk');
  const { code, stdout, stderr } = runCommand([...SMALL, '--run', killed]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout, /Session 1/, 'what is finished is not trained again');
  assert.deepEqual(epochs(killed), epochs(undisturbed));
  assert.equal(weights(killed), weights(undisturbed));
});

/** Starts a command and sends SIGKILL as soon as a line of its output matches. */
async function killAfter(line: RegExp, words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'lib/cli/main.ts', ...words], {
    cwd: projectRoot(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (line.test(text)) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
  assert.equal(signal, 'SIGKILL');
}

function epochs(name: string): unknown[] {
  const history = readJson<EpochRecord[]>(path.join(projectPath('outputs', name), 'history.json'));
  return history.map(({ seconds: _, imagesPerSecond: __, ...rest }) => rest);
}

function weights(name: string): string {
  return readJson<RunMetrics>(path.join(projectPath('outputs', name), 'metrics.json')).weightsSha256;
}
