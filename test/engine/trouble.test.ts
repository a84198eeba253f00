/** What goes wrong inside a training costs nothing that was saved: numbers that explode, files that are broken or foreign. */
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import type { SessionPlan } from '../../lib/config';
import { type RunData, startRun } from '../../lib/run/data';
import { checkpointFile, readCheckpoint, writeCheckpoint } from '../../lib/training/checkpoint';
import type { TrainingGround } from '../../lib/training/ground';
import { trainSession } from '../../lib/training/session';
import { openTrainingRun } from '../../lib/training/train';
import { runCommand } from '../command';

let run: RunData;
let ground: TrainingGround;
let first: Buffer;

before(async () => {
  run = await startRun({ preset: 'demo', imageSize: 32, limit: 60, epochs: 1 }, `zz-trouble-${process.pid}`);
  ground = await openTrainingRun(run);
  await trainSession(ground, 1);
  first = readFileSync(checkpointFile(run, 1));
});
after(() => {
  ground?.dispose();
  rmSync(run.folder, { recursive: true, force: true });
});

test('a run that is being trained is refused to another process, with the number of the first', {
  skip: process.platform !== 'linux',
}, () => {
  const { code, stderr } = runCommand(['train', '--run', run.name]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`(^|\\n)Run ${run.name}: process ${process.pid} trains this run\\. [^\\n]*\\n$`));
});

test('a loss that is no number stops the session, names step and learning rate, and leaves the last good checkpoint', async () => {
  const [heads, whole] = run.config.sessions;
  const absurd: SessionPlan = { ...whole, learningRate: 1e30 };
  const config = { ...run.config, sessions: [heads, absurd] as const };
  await assert.rejects(
    trainSession({ ...ground, run: { ...run, config } }, 2, { checkpointSeconds: 0 }),
    says(/^session 2, epoch 1, step \d: .*(NaN|Infinity).* at learning rate 1\.00e\+30\. The last checkpoint is kept/),
  );
  assert.ok(readFileSync(checkpointFile(run, 1)).equals(first));
  for (const session of [1, 2]) {
    const weights = Object.values(readCheckpoint(run, session)?.state.weights ?? {});
    assert.ok(weights.every(({ values }) => values.every(Number.isFinite)));
  }
  rmSync(checkpointFile(run, 2), { force: true });
});

test('a checkpoint that was cut short, or is none, or is of another network, is refused by name', async () => {
  const file = checkpointFile(run, 1);
  const refused = (message: RegExp) => assert.rejects(trainSession(ground, 2), says(message));
  writeFileSync(file, first.subarray(0, first.length / 2));
  await refused(/session-1\.safetensors: not a complete safetensors file \(\d+ bytes\)\. Delete it and train the session again/);
  writeFileSync(file, 'not a checkpoint at all');
  await refused(/session-1\.safetensors: not a complete safetensors file/);
  writeFileSync(file, first);
  const checkpoint = readCheckpoint(run, 1);
  assert.ok(checkpoint);
  const { 'age/kernel': _, ...rest } = checkpoint.state.weights;
  await writeCheckpoint(run, { ...checkpoint, state: { ...checkpoint.state, weights: rest } });
  await refused(/session-1\.safetensors: does not fit this run's network \(age\/kernel is missing\)\. Delete it/);
  writeFileSync(file, first);
  copyFileSync(file, checkpointFile(run, 2));
  await refused(/session-2\.safetensors: not a checkpoint of session 2\. Delete it/);
  rmSync(checkpointFile(run, 2));
  assert.deepEqual(readdirSync(path.join(run.folder, 'checkpoints')).sort(), ['best.safetensors', 'session-1.safetensors']);
});

function says(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'));
    return true;
  };
}
