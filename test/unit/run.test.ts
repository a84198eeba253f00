/** A run's folder: what begins it, what it is held against when it is opened again, and that nothing is lost meanwhile. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { readJson, writeJson } from '../../lib/base/files';
import { projectPath, typeScriptArguments } from '../../lib/base/project';
import { type Config, sameConfig } from '../../lib/config';
import { type FaceRecord, type Split, shortHash } from '../../lib/data/record';
import { mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { writeSplitHashes } from '../../lib/model/model-folder';
import { hashWeights, requireWeights } from '../../lib/model/weights';
import { resolveConfig } from '../../lib/presets';
import { openRunData, type RunData, startRun } from '../../lib/run/data';
import { readProvenance, recordTraining } from '../../lib/run/provenance';
import { listRuns, lockRun, openRunFolder } from '../../lib/run/run';
import { readSettings } from '../../lib/tools/cli/settings';
import { readKerasH5, writeLayersFolder } from '../../lib/tools/download/keras-h5';
import { blotches, contentsOf, writeFiles } from '../files';
import { seededBase } from '../reference/seeded-weights';
import { writeKerasH5 } from '../reference/write-keras-h5';

const OLDER = projectPath('test/reference/data/older-run');
const FACES = 30;
let project: string;
let photos: Record<string, Buffer>;
let weights: string;

/** A project of its own, with the real bundled model and without ImageNet weights: outputs/ is what these tests make of it. */
before(async () => {
  const real = projectPath();
  project = mkdtempSync(path.join(os.tmpdir(), 'faces-run-'));
  cpSync(path.join(real, 'package.json'), path.join(project, 'package.json'));
  cpSync(path.join(real, 'data', 'model'), path.join(project, 'data', 'model'), { recursive: true });
  for (const used of ['node_modules', 'data/drawn']) symlinkSync(path.join(real, used), path.join(project, used));
  weights = path.join(project, 'imagenet');
  writeLayersFolder(weights, seededBase());
  const names = Array.from({ length: FACES }, (_, index) => `${20 + index}_${index % 2}_0_20170116174525${100 + index}.jpg`);
  photos = Object.fromEntries(await Promise.all(names.map(async (name, index) => [name, await blotches(index + 1)])));
  process.chdir(project);
});
after(() => rmSync(project, { recursive: true, force: true }));

/** A folder of photos below the project. */
function photoFolder(name: string): string {
  const folder = path.join(project, name);
  writeFiles(folder, photos);
  return folder;
}

function refused(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof InputError, String(error instanceof Error ? error.stack : error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'));
    return true;
  };
}

const filesOf = (side: readonly FaceRecord[]) => side.map(({ file }) => file);
const configOf = ({ folder }: RunData) => readJson<Config>(path.join(folder, 'config.json'));

test('what a stored configuration is too old to know of was not done', () => {
  const newer = resolveConfig({ preset: 'best', seed: 3 });
  const { weightDecay: _, coolDown, objective, augmentation, ...rest } = newer;
  const { ageTemperature, ...olderObjective } = objective;
  const { mixup, ...olderAugmentation } = augmentation ?? assert.fail('the preset best augments');
  assert.ok(ageTemperature !== 1 && mixup !== 0 && coolDown.epochs !== 0);
  const older = { ...rest, objective: olderObjective, augmentation: olderAugmentation };
  writeFiles(projectPath('outputs', 'old'), { 'config.json': JSON.stringify(older) });

  const { config } = openRunFolder('old');
  assert.equal(config.objective.ageTemperature, 1);
  assert.equal(config.objective.gender, objective.gender);
  assert.equal(config.coolDown.epochs, 0);
  assert.equal(config.augmentation?.mixup, 0);
  assert.equal(config.augmentation?.rotationDegrees, olderAugmentation.rotationDegrees);
  assert.equal(config.weightDecay, 0);
  assert.ok(sameConfig(openRunFolder('old', { seed: 3 }).config, config));
  assert.throws(() => openRunFolder('old', { objective: { ageTemperature: 2 } }), refused(/made by another configuration \(objective/));
});

test('a share for teachers in a stored configuration is nothing without them, and a run that had them is refused', async () => {
  const run = await startRun({ preset: 'best', imageSize: 48, data: photoFolder('untaught'), weights }, 'untaught');
  const { objective, ...rest } = configOf(run);
  const old = { ...rest, teachers: null, objective: { ...objective, teaching: 0.6 } };
  writeFiles(run.folder, { 'config.json': JSON.stringify(old) });
  const opened = await openRunData(openRunFolder('untaught', { preset: 'best', imageSize: 48 }));
  assert.deepEqual(opened.split, run.split);
  assert.ok(sameConfig(opened.config, run.config));

  writeFiles(run.folder, { 'config.json': JSON.stringify({ ...old, teachers: '/home/me/answers-seed-1.csv' }) });
  assert.throws(
    () => openRunFolder('untaught'),
    refused(/untaught: labels from teachers \(\/home\/me\/answers-seed-1\.csv\), which this version does not know\. To/),
  );
  rmSync(run.folder, { recursive: true });
});

/** What earlier versions did not know of. */
const LABELS = { objective: { ageLabelSdYears: 2.5, ageLabelSdGrowth: 0, genderSmoothing: 0.1 } };
const ONE_CAMERA = { contrast: 0.25, brightness: 0.1, stretch: 0, grey: 0, gamma: 0, cast: 0, camera: 0 };

test('a run of an earlier version opens with its settings under their names of today, and with what trained it', async () => {
  cpSync(OLDER, projectPath('outputs', 'older'), { recursive: true });
  const run = openRunFolder('older');
  const settings = { preset: 'best', imageSize: 48, batchSize: 16, limit: 80, epochs: 2, emaDecay: 0.9 } as const;
  const parts = {
    schedule: { warmUpSteps: 3 },
    augmentation: { cropPx: 32, mixup: 0.3, ...ONE_CAMERA },
    coolDown: { epochs: 1 },
    ...LABELS,
  };
  assert.deepEqual(run.config, resolveConfig({ ...settings, ...parts }));

  const { trainedBy, data, weights: base } = readProvenance(run);
  assert.deepEqual([data?.label, base?.kind], ['drawn faces (seed 1)', 'bundled']);
  assert.deepEqual(trainedBy.length, 1);
  assert.deepEqual([trainedBy[0].code?.slice(0, 7), trainedBy[0].engine], ['2a68f7d', 'TensorFlow 2.20.0, native, 2 cores']);
  for (const engine of ['TensorFlow 3', 'TensorFlow 3', 'TensorFlow 4']) await recordTraining(run, engine);
  const after = readProvenance(run).trainedBy;
  assert.deepEqual(after.slice(0, 1), trainedBy, 'what trained it before is still told');
  assert.deepEqual(
    after.map(({ engine }) => engine),
    [trainedBy[0].engine, 'TensorFlow 3', 'TensorFlow 4'],
  );
});

test('data that is refused makes no folder and takes nothing from one that is there', async () => {
  writeFiles(projectPath('outputs', 'mine'), { 'bench.json': '{}' });
  const before = await contentsOf(projectPath('outputs'));
  const typo = path.join(project, 'typo');
  await assert.rejects(startRun({ data: typo, weights }, 'mine'), refused(/typo: no such file or folder/));
  await assert.rejects(startRun({ data: typo, weights }), refused(/typo: no such file or folder/));
  await assert.rejects(startRun({ data: photoFolder('photos'), weights: typo }, 'new'), refused(/typo: no such folder/));
  assert.deepEqual(await contentsOf(projectPath('outputs')), before);
});

test('runs that begin at the same time without a name get one each', async () => {
  const data = photoFolder('photos');
  const runs = await Promise.all([1, 2, 3].map(() => startRun({ preset: 'classic', data, weights })));
  assert.equal(new Set(runs.map(({ name }) => name)).size, 3);
  for (const { name } of runs) assert.ok(listRuns().includes(name));
});

test('the split that was written is the one that is used', async () => {
  const run = await startRun({ preset: 'classic', data: photoFolder('photos'), weights }, 'split');
  assert.equal(run.split.validation.length, FACES / 5);
  const file = path.join(run.folder, 'split.json');
  const { training, validation } = readJson<Split>(file);
  const other = { training: [...validation, ...training.slice(6)].reverse(), validation: training.slice(0, 6) };
  await writeJson(file, other);
  const { split } = await openRunData(openRunFolder('split'));
  assert.deepEqual([filesOf(split.training), filesOf(split.validation)], [filesOf(other.training), filesOf(other.validation)]);
});

test('a run goes on with data that has moved, once it is told where to; other data is refused', async () => {
  const old = photoFolder('before');
  const { split } = await startRun({ preset: 'classic', data: old, weights }, 'moved');
  renameSync(old, path.join(project, 'after'));
  const gone = /before: no such file or folder; the data of run moved lay there\. .*npm run train -- --run moved --data <path>$/;
  await assert.rejects(openRunData(openRunFolder('moved')), refused(gone));
  const other = path.join(project, 'other');
  writeFiles(other, { ...photos, [Object.keys(photos)[0]]: await blotches(99) });
  const changed = /the data has changed since this run began with before: other holds other faces or labels\. .*--data <path>$/;
  await assert.rejects(startRun({ data: other }, 'moved'), refused(changed));
  assert.equal(openRunFolder('moved').config.data, old, 'a refused place is not kept');

  const nested = path.join(project, 'archive', 'UTKFace'); // deeper than before: files are told by what is in them
  mkdirSync(path.dirname(nested));
  renameSync(path.join(project, 'after'), nested);
  const again = await startRun({ data: path.dirname(nested) }, 'moved');
  assert.deepEqual(again.split, split);
  assert.equal(configOf(again).data, path.dirname(nested));
  assert.deepEqual((await openRunData(openRunFolder('moved'))).split, split);
});

test('opening a run that has not moved writes nothing', async () => {
  const run = await startRun({ preset: 'classic', data: photoFolder('photos'), weights }, 'still');
  const names = ['config.json', 'split.json', 'provenance.json'];
  const times = () => names.map((name) => statSync(path.join(run.folder, name)).ino);
  const made = times();
  await openRunData(openRunFolder('still'));
  assert.deepEqual(times(), made);
});

test('a run goes on with weights that have moved, and not with others', async () => {
  const [first, second] = ['first', 'second'].map((name) => path.join(project, name));
  writeLayersFolder(first, seededBase());
  const data = photoFolder('photos');
  await startRun({ preset: 'classic', data, weights: first }, 'base');
  renameSync(first, second);
  await assert.rejects(openRunData(openRunFolder('base')), refused(/first: no such file or folder; the weights of run base lay there/));
  assert.equal(configOf(await startRun({ weights: second }, 'base')).weights, second);
  writeLayersFolder(first, { ...seededBase(), 'Conv/bias': { shape: [32], values: new Float32Array(32) } });
  const others = /began with the weights first, and first holds others\. .*--weights <path>$/;
  await assert.rejects(startRun({ weights: first }, 'base'), refused(others));
});

test('a run of old that began with a Keras file asks for it once more, and goes on with the folder that is made of it', async () => {
  const file = path.join(project, 'mobilenet.h5');
  await writeKerasH5(file);
  const data = photoFolder('photos');
  const typed: Record<string, string> = { weights: file };
  const args = { text: (option: string) => typed[option], path: () => undefined, flag: () => false, positionals: [] };
  const { weights: imported } = await readSettings(args);
  const { folder, pretrained } = await startRun({ preset: 'classic', data, weights: imported }, 'keras');
  assert.equal(pretrained.sha256, hashWeights(requireWeights(await readKerasH5(file), mobileNetV2Shapes(), file)));
  await writeJson(path.join(folder, 'config.json'), { ...readJson<Config>(path.join(folder, 'config.json')), weights: file });
  await assert.rejects(
    openRunData(openRunFolder('keras')),
    refused(/mobilenet\.h5: a file, .* by --weights ".*mobilenet\.h5" on the command line/),
  );
  const again = await startRun(await readSettings(args), 'keras');
  assert.deepEqual([again.pretrained.sha256, configOf(again).weights], [pretrained.sha256, imported]);
});

test("photos need ImageNet's weights, or the word that starts from the bundled model knowingly", async () => {
  const data = photoFolder('photos');
  const asked = /^photos: photos of faces, and no ImageNet weights to start from\. Run npm run download -- weights, /;
  await assert.rejects(startRun({ preset: 'classic', data }, 'silent'), refused(asked));
  assert.ok(!existsSync(projectPath('outputs', 'silent')));
  const run = await startRun({ preset: 'classic', data, weights: 'bundled' }, 'knowing');
  assert.equal(run.pretrained.kind, 'bundled');
  assert.equal((await openRunData(openRunFolder('knowing'))).pretrained.kind, 'bundled');
});

test('what the bundled model has learned from does not judge a run that starts from it', async () => {
  const data = photoFolder('photos');
  const settings = { preset: 'classic', data } as const;
  const { catalog, split } = await startRun({ ...settings, weights }, 'apart');
  const learned = split.validation.slice(0, 5);
  const hashes = projectPath('data', 'model', 'split-hashes.json');
  const real = readFileSync(hashes);
  await writeSplitHashes(path.dirname(hashes), { training: learned.map(({ sha256 }) => sha256), validation: [] });
  const own = (await startRun({ ...settings, weights: 'bundled' }, 'bundled')).split;
  writeFileSync(hashes, real);
  const judging = new Set(own.validation.map(({ sha256 }) => shortHash(sha256)));
  assert.ok(judging.size > 0 && learned.every(({ sha256 }) => !judging.has(shortHash(sha256))));
  assert.equal(own.training.length + own.validation.length, catalog.records.length);
});

test('drawn faces start from the bundled model, and go on from it when other weights have come since', async () => {
  const run = await startRun({ limit: 60 }, 'drawn');
  assert.equal(run.pretrained.kind, 'bundled');
  writeLayersFolder(projectPath('data', 'weights'), seededBase());
  assert.equal((await openRunData(openRunFolder('drawn'))).pretrained.sha256, run.pretrained.sha256);
  rmSync(projectPath('data', 'weights'), { recursive: true });
});

test('one process at a time trains a run', { skip: process.platform !== 'linux' }, async () => {
  const run = openRunFolder('old');
  const locking = `require(${JSON.stringify(path.join(__dirname, '../../lib/run/run.ts'))})
    .lockRun({ name: 'old', folder: ${JSON.stringify(run.folder)} }).then(() => process.stdout.write('locked'));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, [...typeScriptArguments(), '-e', locking], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    await assert.rejects(lockRun(run), refused(new RegExp(`^Run old: process ${child.pid} trains this run\\. Wait `)));
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const release = await lockRun(run);
  await assert.rejects(lockRun(run), refused(/this process already trains this run/));
  release();
  (await lockRun(run))();
});
