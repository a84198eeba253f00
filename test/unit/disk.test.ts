/** Checkpoints on a disk that is full or may not be written to: the last good one stays, and the error says what to do. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { writeJson } from '../../lib/base/files';
import { resolveConfig } from '../../lib/presets';
import type { Run } from '../../lib/run/run';
import { type Checkpoint, checkpointFile, readCheckpoint, writeCheckpoint } from '../../lib/training/checkpoint';
import { contentsOf } from '../files';
import { mountDisk, remountDisk, unmountDisk } from '../tmpfs';

const MB = 1024 * 1024;

function checkpointOf(values: number, fill: number): Checkpoint {
  const weights = { 'age/kernel': { shape: [values], values: new Float32Array(values).fill(fill) } };
  return {
    session: 1,
    epoch: fill,
    within: null,
    history: [],
    state: { weights, firstMoments: {}, secondMoments: {}, ema: {}, updates: {} },
  };
}

function runIn(folder: string): Run {
  return { name: 'evening', folder, config: resolveConfig({ preset: 'demo' }) };
}

/** The folder of a run, on a disk of its own where this user may mount one. */
function diskFor(context: TestContext): { readonly folder: string; readonly mounted: boolean } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'faces-disk-'));
  const mounted = mountDisk(folder, 2 * MB);
  context.after(() => {
    if (mounted) unmountDisk(folder);
    rmSync(folder, { recursive: true });
  });
  return { folder, mounted };
}

test('a full disk', async (context) => {
  const { folder, mounted } = diskFor(context);
  if (!mounted) return context.skip('this user may not mount a small disk');
  const run = runIn(folder);
  const file = checkpointFile(run, 1);
  await writeCheckpoint(run, checkpointOf(100_000, 1));
  const good = readFileSync(file);
  await assert.rejects(writeCheckpoint(run, checkpointOf(500_000, 2)), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.ok(error.message.startsWith(`${file} cannot be written: the disk is full: free some space and try again (ENOSPC`));
    assert.ok(error.message.endsWith('The checkpoint before it is as it was. To go on: npm run train -- --run evening'));
    return true;
  });
  assert.ok(readFileSync(file).equals(good));
  assert.equal(readCheckpoint(run, 1)?.epoch, 1);
  assert.deepEqual(await contentsOf(path.dirname(file)), ['session-1.safetensors']);
});

test('a folder that may not be written to', async (context) => {
  const { folder, mounted } = diskFor(context);
  if (!mounted && process.getuid?.() === 0) return context.skip('root may write everywhere, and may not mount a disk here');
  const run = runIn(folder);
  const file = checkpointFile(run, 1);
  await writeCheckpoint(run, checkpointOf(1000, 1));
  await writeJson(path.join(folder, 'history.json'), []);
  mkdirSync(path.dirname(file), { recursive: true });
  const places = [folder, path.dirname(file)];
  if (mounted) remountDisk(folder, 'ro');
  else for (const place of places) chmodSync(place, 0o555);
  try {
    const writes = [() => writeCheckpoint(run, checkpointOf(1000, 2)), () => writeJson(path.join(folder, 'history.json'), [1])];
    for (const write of writes) {
      await assert.rejects(write(), (error: unknown) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, /^\/.*(session-1\.safetensors|history\.json) cannot be written: (the disk is read-only|no permission)/);
        assert.match(error.message, /choose another place/);
        return true;
      });
    }
  } finally {
    if (mounted) remountDisk(folder, 'rw');
    else for (const place of places) chmodSync(place, 0o755);
  }
  assert.equal(readCheckpoint(run, 1)?.epoch, 1);
  assert.deepEqual(await contentsOf(folder), ['checkpoints', 'checkpoints/session-1.safetensors', 'history.json']);
});
