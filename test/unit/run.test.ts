/** Runs outlive versions of the project: a folder made by an older one is opened as what it was. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { resolveConfig } from '../../lib/config/settings';
import { createRun, openRunFolder } from '../../lib/run/run';

const NAME = `old-${process.pid}`;
const folder = projectPath('outputs', NAME);

after(() => rmSync(folder, { recursive: true, force: true }));

test('what a stored configuration is too old to know of was not done', async () => {
  const newer = resolveConfig({ preset: 'best', seed: 3 });
  const { weightDecay: _, coolDown, objective, augmentation, ...rest } = newer;
  const { ageTemperature, ...olderObjective } = objective;
  const { mixup, ...olderAugmentation } = augmentation ?? assert.fail('the preset best augments');
  assert.ok(ageTemperature !== 1 && mixup !== 0 && coolDown.epochs !== 0);
  mkdirSync(folder, { recursive: true });
  const older = { ...rest, objective: olderObjective, augmentation: olderAugmentation };
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(older));

  const { config } = openRunFolder(NAME);
  assert.equal(config.objective.ageTemperature, 1);
  assert.equal(config.objective.gender, objective.gender);
  assert.equal(config.coolDown.epochs, 0);
  assert.equal(config.augmentation?.mixup, 0);
  assert.equal(config.augmentation?.rotationDegrees, olderAugmentation.rotationDegrees);
  assert.equal(config.weightDecay, 0);
  assert.equal((await createRun({ seed: 3 }, NAME)).name, NAME);
  await assert.rejects(createRun({ objective: { ageTemperature: 2 } }, NAME), /made by another configuration \(objective/);
});

test('a run of an earlier version opens with its settings under their names of today', () => {
  mkdirSync(folder, { recursive: true });
  copyFileSync(projectPath('test/reference/data/older-run/config.json'), path.join(folder, 'config.json'));
  const settings = { preset: 'best', imageSize: 48, batchSize: 16, limit: 80, epochs: 2, emaDecay: 0.9 } as const;
  const parts = { schedule: { warmUpSteps: 3 }, augmentation: { cropPx: 32, mixup: 0.3 }, coolDown: { epochs: 1 } };
  assert.deepEqual(openRunFolder(NAME).config, resolveConfig({ ...settings, ...parts }));
});
