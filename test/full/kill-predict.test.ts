/** Answers to two thousand pictures, killed again and again, end as the same bytes as those of a call that was left alone. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../lib/base/project';
import { seededRandom } from '../../lib/base/random';
import { openSource } from '../../lib/data/source';
import { runCommand, succeeded } from '../command';
import { temporaryFolder } from '../files';
import { rowsOf } from '../row-schema';

const PICTURES = 2000;
const KILLS = 5;

test(`a call that is killed ${KILLS} times and resumed writes what one writes that was left alone`, async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(path.join(folder, 'faces'));
  const source = await openSource(process.env.COURSE_FULL_DATA);
  for (const { file } of source.files.slice(0, PICTURES)) {
    symlinkSync(path.join(source.folder, file), path.join(folder, 'faces', path.basename(file)));
  }
  const words = (name: string) => ['predict', '--aligned', path.join(folder, 'faces'), '--to', path.join(folder, name), '--resume'];
  succeeded(runCommand(words('whole.jsonl')));
  const whole = readFileSync(path.join(folder, 'whole.jsonl'));
  assert.equal(rowsOf(whole.toString()).length, PICTURES);

  const torn = path.join(folder, 'torn.jsonl');
  const random = seededRandom(5);
  for (let kill = 1; kill <= KILLS; kill++) {
    const from = existsSync(torn) ? statSync(torn).size : 0;
    await killAt(words('torn.jsonl'), torn, from + (random() * (whole.length - from)) / 3);
    const { size } = statSync(torn);
    context.diagnostic(`killed at ${size} of ${whole.length} bytes`);
    assert.ok(size > from && size < whole.length);
  }
  succeeded(runCommand(words('torn.jsonl')));
  assert.ok(readFileSync(torn).equals(whole));
});

/** Starts the command and kills it once the file has so many bytes. */
async function killAt(words: readonly string[], file: string, bytes: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'lib/tools/cli/main.ts', ...words], { cwd: projectRoot(), stdio: 'ignore' });
  const watch = setInterval(() => {
    if (existsSync(file) && statSync(file).size > bytes) child.kill('SIGKILL');
  }, 5);
  const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
  clearInterval(watch);
  assert.equal(signal, 'SIGKILL');
}
