/** What goes wrong inside a training costs nothing that was saved: numbers that explode, files that are broken or foreign. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { InputError } from '../../lib/base/errors';
import { NO_AUGMENTATION, type SessionPlan } from '../../lib/config';
import { type RunData, startRun } from '../../lib/run/data';
import { checkpointFile, readCheckpoint, writeCheckpoint } from '../../lib/training/checkpoint';
import { readHistory } from '../../lib/training/history';
import { type TrainingContext, trainSession, withTraining } from '../../lib/training/trainer';
import { runCommand } from '../command';

let run: RunData;
let context: TrainingContext;
let close: () => void;
let first: Buffer;

before(async () => {
  run = await startRun({ preset: 'demo', imageSize: 32, limit: 60, epochs: 1 }, `zz-trouble-${process.pid}`);
  context = await new Promise((opened, failed) => {
    const use = (made: TrainingContext) => {
      opened(made);
      return new Promise<void>((done) => {
        close = done;
      });
    };
    withTraining(run, {}, use).catch(failed);
  });
  await trainSession(context, 1);
  first = readFileSync(checkpointFile(run, 1));
});
after(() => {
  close?.();
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
    trainSession({ ...context, run: { ...run, config } }, 2, { checkpointSeconds: 0 }),
    says(/^session 2, epoch 1, step \d: .*(NaN|Infinity).* at learning rate 1\.00e\+30\. The last checkpoint is kept/),
  );
  assert.ok(readFileSync(checkpointFile(run, 1)).equals(first));
  for (const session of [1, 2]) {
    const weights = Object.values(readCheckpoint(run, session)?.state.weights ?? {});
    assert.ok(weights.every(({ values }) => values.every(Number.isFinite)));
  }
  rmSync(checkpointFile(run, 2), { force: true });
});

test('a session that is finished stays as it is; asked for again, it stays until its first new checkpoint', async () => {
  const file = checkpointFile(run, 2);
  const now = () => [1, 2].map((session) => readFileSync(checkpointFile(run, session)));
  const trained = await trainSession(context, 2);
  const before = now();
  assert.deepEqual([await trainSession(context, 1), await trainSession(context, 2)].flat(), readHistory(run));
  assert.deepEqual(now(), before, 'a notebook that is run again costs nothing');

  const old = readCheckpoint(run, 1)?.state;
  const stop = AbortSignal.abort();
  await assert.rejects(trainSession(context, 1, { again: true, signal: stop }), says(/^Stopped before .*\. All of it is saved\./));
  assert.deepEqual(now(), before, 'nothing has taken its place yet');
  assert.deepEqual(readHistory(run).slice(1), trained);

  const [again] = await trainSession(context, 1, { again: true });
  assert.ok(!existsSync(file), 'what had gone on from the old session 1 is gone');
  assert.deepEqual(readHistory(run), [again]);
  assert.deepEqual(readCheckpoint(run, 1)?.state, old, 'the same seed, the same weights');
});

test('whatever ends a phase before its first step, the network at the size of its crops goes, too', async () => {
  const [heads, whole] = run.config.sessions;
  const augmentation = { ...NO_AUGMENTATION, cropPx: 16 };
  const config = { ...run.config, augmentation, sessions: [heads, { ...whole, trainable: 'last 99 blocks' }] as const };
  const before = tf.memory().numTensors;
  await assert.rejects(trainSession({ ...context, run: { ...run, config } }, 2), says(/^trainable "last 99 blocks": expected/));
  assert.equal(tf.memory().numTensors, before);
});

test('a checkpoint that was cut short, or is none, or is of another network, is refused by name', async () => {
  const file = checkpointFile(run, 1);
  const refused = (message: RegExp) => assert.rejects(trainSession(context, 2), says(message));
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
