/** TensorBoard itself reads a run's history as it was written. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { terminalProgress } from '../../lib/base/progress';
import { writeHistory } from '../../lib/training/history';
import { realHistory } from '../figures';
import { ensurePythonWith, pythonWith } from '../python-venv';

const READER = `
import json, sys
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
runs = EventMultiplexer().AddRunsFromDirectory(sys.argv[1]).Reload()
print(json.dumps({run: {tag: [[e.step, e.value] for e in runs.Scalars(run, tag)] for tag in runs.GetAccumulator(run).Tags()["scalars"]}
                  for run in runs.Runs()}))
`;
const folder = mkdtempSync(path.join(os.tmpdir(), 'tensorboard-full-'));

before(() => ensurePythonWith('keras', terminalProgress()));
after(() => rmSync(folder, { recursive: true }));

test('TensorBoard finds both sides, and every epoch of a run that was stopped and went on once', async () => {
  const history = realHistory();
  for (const epochs of [3, 5, 7, history.length]) await writeHistory({ folder }, history.slice(0, epochs));
  const printed = execFileSync(pythonWith('keras'), ['-c', READER, path.join(folder, 'tensorboard')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const runs: Record<string, Record<string, [number, number][]>> = JSON.parse(printed.toString());
  assert.deepEqual(Object.keys(runs).sort(), ['training', 'validation']);
  assert.deepEqual(
    runs.validation.age_mae_years,
    history.map(({ validation }, index) => [index + 1, Math.fround(validation.ageMaeYears)]),
  );
  assert.deepEqual(
    runs.training.learning_rate,
    history.map(({ learningRate }, index) => [index + 1, Math.fround(learningRate)]),
  );
  assert.equal(Object.keys(runs.training).length, 7);
});
