/** What a run keeps of its sessions: where each stands, and its best epoch. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { resolveConfig } from '../../lib/presets';
import type { Run } from '../../lib/run/run';
import {
  checkpointFile,
  finishedHistory,
  finishedSession,
  keepIfBest,
  readCheckpoint,
  readProgress,
  readSafetensors,
  writeCheckpoint,
  writeSafetensors,
} from '../../lib/training/checkpoint';
import type { EpochRecord, History } from '../../lib/training/history';
import { temporaryFolder } from '../files';

const BASELINES = {
  meanAgeYears: 33,
  medianAgeYears: 29,
  majorityGender: 0,
  ageMaeYears: 16,
  genderAccuracy: 0.5,
  ageLoss: 1,
  genderLoss: 0.7,
} as const;

function runOf(context: TestContext): Run {
  return { name: 'evening', folder: temporaryFolder(context), config: resolveConfig({ preset: 'demo', epochs: 2 }) };
}

function recordOf(session: number, epoch: number, ageMaeYears = 8, genderLoss = 0.35): EpochRecord {
  const ageLoss = (ageMaeYears / 16) ** 2;
  const metrics = { loss: ageLoss + genderLoss, ageLoss, genderLoss, ageMaeYears, genderAccuracy: 0.8 };
  return { session, epoch, training: metrics, validation: metrics, learningRate: 1e-4, seconds: 3, imagesPerSecond: 100 };
}

function stateOf(value: number) {
  const arrays = { 'age/kernel': { shape: [2], values: Float32Array.of(value, value) } };
  return { weights: arrays, firstMoments: arrays, secondMoments: arrays, ema: {}, updates: { 'age/kernel': 3 } };
}

test('a checkpoint comes back whole, and a session is finished with its last epoch', async (context) => {
  const run = runOf(context);
  const history = [recordOf(1, 1)];
  const within = { batches: 2, sums: { count: 32, squares: 1, crossEntropy: 2, absoluteYears: 3, correct: 4 }, seconds: 1.5 };
  const checkpoint = { session: 1, epoch: 1, within, history, state: stateOf(1) };
  await writeCheckpoint(run, checkpoint);
  assert.deepEqual(readCheckpoint(run, 1), checkpoint);
  const { state: _, ...progress } = checkpoint;
  assert.deepEqual(readProgress(run, 1), progress);
  assert.equal(finishedHistory(run, 1), undefined);
  assert.throws(() => finishedSession(run, 1), /session 1 is not finished\. Run notebooks\/03-train-session-1\.ipynb first/);
  const end = [...history, recordOf(1, 2)];
  await writeCheckpoint(run, { ...checkpoint, epoch: 2, within: null, history: end });
  assert.deepEqual(finishedHistory(run, 1), end);
});

test('where a session stands is told by the beginning of its file, however long that is', (context) => {
  const run = runOf(context);
  const file = checkpointFile(run, 1);
  const values = 2 ** 30; // 4 GiB, of which the disk holds none: more than Node reads at once
  const header = {
    __metadata__: { session: '1', epoch: '2', updates: '{}', history: JSON.stringify([recordOf(1, 1), recordOf(1, 2)]) },
    'weights/age/kernel': { dtype: 'F32', shape: [values], data_offsets: [0, 4 * values] },
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  mkdirSync(path.dirname(file));
  writeFileSync(file, Buffer.concat([length, json]));
  truncateSync(file, 8 + json.length + 4 * values);
  assert.equal(finishedHistory(run, 1)?.length, 2);
});

test('running averages keep the name that they had in the files of older versions', async (context) => {
  const run = runOf(context);
  await writeCheckpoint(run, { session: 1, epoch: 2, within: null, history: [], state: { ...stateOf(1), ema: stateOf(2).weights } });
  assert.ok('averages/age/kernel' in readSafetensors(checkpointFile(run, 1)).arrays);
  assert.deepEqual(readCheckpoint(run, 1)?.state.ema['age/kernel'].values, Float32Array.of(2, 2));
});

test('a checkpoint takes the place of those that had gone on from the one before it, once it is written', async (context) => {
  const run = runOf(context);
  const write = (session: number) => writeCheckpoint(run, { session, epoch: 2, within: null, history: [], state: stateOf(1) });
  await write(1);
  await write(2);
  assert.ok(existsSync(checkpointFile(run, 1)), 'session 2 leaves session 1 alone');
  await write(1);
  assert.ok(!existsSync(checkpointFile(run, 2)));
});

test('the best epoch is the one in which age and gender together are nearest to no error, each beside its baseline', async (context) => {
  const run = runOf(context);
  const file = path.join(run.folder, 'checkpoints', 'best.safetensors');
  const history: EpochRecord[] = [];
  const kept = async (record: EpochRecord, before: History = history) => {
    await keepIfBest(run, [...before, record], BASELINES, stateOf(10 * record.session + record.epoch));
    const { arrays, metadata } = readSafetensors(file);
    if (before === history) history.push(record);
    assert.match(metadata.measure, /age MAE .* gender loss/);
    assert.equal(arrays['age/kernel'].values[0], 10 * Number(metadata.session) + Number(metadata.epoch));
    return `${metadata.session}.${metadata.epoch}`;
  };
  assert.equal(await kept(recordOf(1, 1, 8, 0.35)), '1.1');
  // In squared years, which is what the loss was before, epoch 2 would be better by far: 7.9² against 8².
  assert.equal(await kept(recordOf(1, 2, 7.9, 0.6)), '1.1', 'gender has a say');
  assert.equal(await kept(recordOf(2, 1, 8, Number.NaN)), '1.1');
  assert.equal(await kept(recordOf(2, 2, 6, 0.36)), '2.2');
  assert.equal(await kept(recordOf(2, 1, 9, 0.4), history.slice(0, 2)), '2.1', 'trained anew: the old session 2 is gone');
  assert.equal(await kept(recordOf(1, 1, 9, 0.4), []), '1.1');
});

test('the best epoch of a run of an older version stands as long as none is better', async (context) => {
  const run = runOf(context);
  const file = path.join(run.folder, 'checkpoints', 'best.safetensors');
  const record = recordOf(1, 1);
  await writeSafetensors(file, stateOf(1).weights, { session: '1', epoch: '1', validation: JSON.stringify(record.validation) });
  await keepIfBest(run, [record, recordOf(1, 2, 9)], BASELINES, stateOf(2));
  assert.equal(readSafetensors(file).metadata.epoch, '1');
  await keepIfBest(run, [record, recordOf(1, 2, 7)], BASELINES, stateOf(2));
  assert.equal(readSafetensors(file).metadata.epoch, '2');
});
