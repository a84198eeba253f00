/** The stop button in a training cell, and Ctrl-C in a walkthrough: the step is finished and saved, and the kernel lives. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InterruptedError } from '../../lib/base/errors';
import { projectPath, projectRoot } from '../../lib/base/project';
import { startRun } from '../../lib/run/data';
import type { Run } from '../../lib/run/run';
import { executeNotebook } from '../../lib/tools/run-notebook';
import { ensureSetup } from '../../lib/tools/setup';
import { jupyterEnvironment, venvPython } from '../../lib/tools/setup/python';
import { readCheckpoint } from '../../lib/training/checkpoint';
import { temporaryFolder } from '../files';
import { notebookOf } from '../scratch';

const CELLS = ["import { openRun, trainHere } from './lib/index';", 'const run = await openRun();', 'await trainHere(run, 1);'];
let run: Run;

before(async () => {
  await ensureSetup('jupyter');
  run = await startRun({ preset: 'demo', imageSize: 32, limit: 80, epochs: 5000 }, `zz-interrupt-${process.pid}`);
});
after(() => rmSync(run.folder, { recursive: true, force: true }));

test('the stop button ends a training cell with its place saved and a line on how to go on; the kernel lives', () => {
  const { status, stdout, stderr } = spawnSync(venvPython(), [projectPath('test', 'notebooks', 'stop_cell.py'), 'Session 1, epoch 3 of'], {
    cwd: projectRoot(),
    env: { ...jupyterEnvironment(), COURSE_RUN: run.name },
    input: JSON.stringify(CELLS),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const { stopped, after: next } = JSON.parse(stdout);
  assert.equal(stopped.status, 'error');
  assert.match(stopped.evalue, /^Stopped .*session 1, epoch \d+ of 5000.* All of it is saved\. To go on, run this cell again\.$/);
  assert.equal(next.status, 'ok');
  assert.ok(readCheckpoint(run, 1), 'there is a checkpoint to go on from');
});

test('a stopped walkthrough leaves what was executed, and the run goes on where it was', async (context) => {
  const saved = readCheckpoint(run, 1)?.epoch ?? 0;
  const folder = temporaryFolder(context);
  const notebook = path.join(folder, 'train.ipynb');
  writeFileSync(notebook, notebookOf(CELLS));
  const controller = new AbortController();
  const epochs: number[] = [];
  const executing = executeNotebook(notebook, path.join(folder, 'out', 'train.ipynb'), {
    environment: { COURSE_RUN: run.name },
    signal: controller.signal,
    onProgress: (line) => {
      const epoch = /Session 1, epoch (\d+)/.exec(line)?.[1];
      if (epoch === undefined) return;
      epochs.push(Number(epoch));
      controller.abort();
    },
  });
  await assert.rejects(
    executing,
    (error: unknown) => error instanceof InterruptedError && /^Stopped in .*train\.ipynb\.$/.test(error.message),
  );
  assert.ok(epochs[0] > saved, `epoch ${epochs[0]} follows the ${saved} that were saved`);
  assert.match(readFileSync(path.join(folder, 'out', 'train.ipynb'), 'utf8'), /To go on, run this cell again/);
  assert.deepEqual(readdirSync(path.join(run.folder, 'checkpoints')).sort(), ['best.safetensors', 'session-1.safetensors']);
});
