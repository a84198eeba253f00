/** What a run writes down so that it can be made again, read back from a page, and held against what is here. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { readJson, writeJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import { openFolder } from '../../lib/data/source';
import { type RunRecord, recordHtml, recordOf } from '../../lib/evaluation/run-record';
import { noteHtml } from '../../lib/pages/html';
import { footerHtml, pageHtml } from '../../lib/pages/page';
import { resolveConfig } from '../../lib/presets';
import { openRunData, type RunData, startRun } from '../../lib/run/data';
import { hashData } from '../../lib/run/hashes';
import { readProvenance, recordTraining } from '../../lib/run/provenance';
import { openRunFolder } from '../../lib/run/run';
import { writeLayersFolder } from '../../lib/tools/download/keras-h5';
import { writeHistory } from '../../lib/training/history';
import { runCommand } from '../command';
import { realHistory } from '../figures';
import { blotches, temporaryFolder, writeFiles } from '../files';
import { seededBase } from '../reference/seeded-weights';
import { checkCode, checkData, checkMachine, checkWeights } from '../reproduce/check';
import { compareRuns, readRecord, toleranceOf } from '../reproduce/compare';

const FACES = 30;
const real = projectPath();
let project: string;
let data: string;
let weights: string;
let run: RunData;
let record: RunRecord;

/** A project of its own with a copy of the code, and in it a run as training leaves it, but for its checkpoints and model. */
before(async () => {
  project = mkdtempSync(path.join(os.tmpdir(), 'faces-reproduce-'));
  for (const copied of ['package.json', 'package-lock.json', 'lib'])
    cpSync(path.join(real, copied), path.join(project, copied), { recursive: true });
  mkdirSync(path.join(project, 'data'));
  for (const used of ['node_modules', 'notebooks', 'data/drawn', 'data/model'])
    symlinkSync(path.join(real, used), path.join(project, used));
  const names = Array.from({ length: FACES }, (_, index) => `${20 + index}_${index % 2}_0_20170116174525${100 + index}.jpg`);
  data = path.join(project, 'photos');
  writeFiles(data, Object.fromEntries(await Promise.all(names.map(async (name, index) => [name, await blotches(index + 1)] as const))));
  writeFiles(data, { 'README.txt': 'refused, and yet one of the files' });
  weights = path.join(project, 'imagenet');
  writeLayersFolder(weights, seededBase());
  process.chdir(project);
  run = await startRun({ preset: 'classic', data, weights }, 'made');
  await recordTraining(run, engine, 2);
  await writeHistory(run, realHistory().slice(0, 10));
  await writeJson(path.join(run.folder, 'metrics.json'), { weightsSha256: 'ab'.repeat(32) });
  record = recordOf(run.folder);
});
after(() => rmSync(project, { recursive: true, force: true }));

/** A copy of the data, in which files may change. */
function copyOf(folder: string, context: TestContext): string {
  const copy = temporaryFolder(context);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** Changes the last byte, and neither length nor time that anybody would notice. */
function flipByte(file: string, at = -1): void {
  const bytes = readFileSync(file);
  bytes[bytes.length + at] ^= 1;
  writeFileSync(file, bytes);
}

function refused(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof InputError && message.test(error.message) && !error.message.includes('\n');
}

const nowOf = (folder: string, some = record) => checkData(some, { data: folder, weights: null }, { cacheFolder: project });
const engine = 'TensorFlow 2.20.0, native, 2 cores';

test('a page gives back the record of its run, which holds no path of the machine and stands nowhere in the text', (context) => {
  const { config, provenance } = record;
  const footer = footerHtml({ run: 'made', ...provenance, configuration: config }) + recordHtml(record);
  const page = pageHtml('made', noteHtml('</script>'), footer);
  const file = path.join(temporaryFolder(context), 'index.html');
  writeFileSync(file, page);
  assert.deepEqual(readRecord(file), JSON.parse(JSON.stringify(record)));
  assert.ok(!page.includes(project), 'no path of this machine');
  assert.deepEqual([record.config.data, record.config.weights], ['photos', 'imagenet']);
  assert.ok(!JSON.stringify(provenance).includes(record.hashes.data ?? assert.fail('no hashes')));
});

test('a page of a version that knew of teachers gives back the same record, unless its run had some', (context) => {
  const file = path.join(temporaryFolder(context), 'page.html');
  const write = (teachers: string | null) => {
    const config = { ...record.config, teachers, objective: { ...record.config.objective, teaching: 0.6 } };
    writeFileSync(file, recordHtml({ ...record, config }));
  };
  write(null);
  assert.ok(compareRuns(readRecord(file), record).same.configuration);
  write('answers-seed-1.csv');
  assert.throws(
    () => readRecord(file),
    refused(/page\.html: labels from teachers \(answers-seed-1\.csv\), which this version does not know\. To/),
  );
});

test('a name with markup does not end the script that a record stands in', (context) => {
  const file = path.join(temporaryFolder(context), 'page.html');
  writeFileSync(file, recordHtml({ ...record, run: '</script><b>' }));
  assert.equal(readRecord(file).run, '</script><b>');
});

test('data that lie elsewhere are the same, and a changed, an added and a missing file are told apart', async (context) => {
  const folder = path.join(copyOf(data, context));
  assert.deepEqual(await nowOf(folder), { what: 'data', same: true, text: `the same, 31 files of ${path.basename(folder)}`, others: [] });
  const [first, second] = run.catalog.usable.map(({ file }) => path.join(folder, file));
  flipByte(first);
  assert.deepEqual(await nowOf(folder), { what: 'data', same: false, text: '1 file of 31 changed', others: [first] });
  flipByte(first);
  assert.equal((await nowOf(folder)).same, true);
  flipByte(path.join(folder, 'README.txt'));
  assert.deepEqual((await nowOf(folder)).others, [path.join(folder, 'README.txt')], 'what was refused counts: it might not be now');
  flipByte(path.join(folder, 'README.txt'));
  cpSync(first, path.join(folder, '99_0_0_20170116174525999.jpg'));
  const added = await nowOf(folder);
  assert.deepEqual(
    [added.text, added.others.map((file) => path.basename(file))],
    ['1 file of 32 changed or added', ['99_0_0_20170116174525999.jpg']],
  );
  rmSync(path.join(folder, '99_0_0_20170116174525999.jpg'));
  rmSync(second);
  assert.deepEqual(await nowOf(folder), {
    what: 'data',
    same: false,
    text: `1 file of the run's missing in ${folder}, the first after ${path.basename(first)}`,
    others: [],
  });
});

test('a face under another name has another label, and is told', async (context) => {
  const folder = copyOf(data, context);
  const { file } = run.catalog.usable[4];
  renameSync(path.join(folder, file), path.join(folder, file.replace(/^\d+/, '77')));
  assert.deepEqual((await nowOf(folder)).others, [path.join(folder, file.replace(/^\d+/, '77'))]);
});

test('what a limit left out may change', async (context) => {
  const limited = await startRun({ preset: 'classic', data, weights, limit: 15 }, 'limited');
  const folder = copyOf(data, context);
  const used = new Set(limited.catalog.usable.map(({ file }) => file));
  const [other] = run.catalog.usable.filter(({ file }) => !used.has(file));
  flipByte(path.join(folder, other.file));
  assert.equal((await nowOf(folder, recordOf(limited.folder))).same, true);
  flipByte(path.join(folder, [...used][0]));
  assert.deepEqual((await nowOf(folder, recordOf(limited.folder))).others, [path.join(folder, [...used][0])]);
});

test("the hash over all of the data is the catalog's, and a file takes eight letters of a page", () => {
  const { sha256, packed } = hashData(data, openFolder(data).files);
  assert.equal(sha256, run.catalog.sha256);
  assert.equal(packed.length, 8 * 31);
});

test('of weights the file that changed is named, even one that cannot be read any more; other files with the same numbers will do', async (context) => {
  const folder = copyOf(weights, context);
  assert.equal((await checkWeights(record, folder, folder)).same, true);
  flipByte(path.join(folder, 'weights.bin'));
  const shard = { what: 'weights', same: false, text: 'not imagenet', others: [path.join(folder, 'weights.bin')] };
  assert.deepEqual(await checkWeights(record, folder, folder), shard);
  flipByte(path.join(folder, 'weights.bin'));
  writeFileSync(path.join(folder, 'model.json'), `${readFileSync(path.join(folder, 'model.json'), 'utf8')} \n`);
  const { same, text, others } = await checkWeights(record, folder, folder);
  assert.deepEqual([same, text, others], [true, 'the same numbers as in imagenet', [path.join(folder, 'model.json')]]);
  writeFileSync(path.join(folder, 'model.json'), '{');
  assert.deepEqual(await checkWeights(record, folder, folder), { ...shard, others: [path.join(folder, 'model.json')] });
});

test('of code the file that changed, came or went is named', () => {
  assert.deepEqual(checkCode(record).same, true);
  const file = projectPath('lib', 'images', 'mixup.ts');
  flipByte(file);
  assert.deepEqual(checkCode(record).others, [file]);
  flipByte(file);
  renameSync(file, projectPath('lib', 'images', 'mixed.ts'));
  assert.deepEqual(checkCode(record).others, [projectPath('lib', 'images', 'mixed.ts'), file]);
  renameSync(projectPath('lib', 'images', 'mixed.ts'), file);
});

test('the changed file is named even where it keeps the rest from loading', (context) => {
  cpSync(path.join(real, 'test', 'reproduce'), projectPath('test', 'reproduce'), { recursive: true });
  const page = path.join(temporaryFolder(context), 'index.html');
  writeFileSync(page, recordHtml(record));
  const file = projectPath('lib', 'base', 'files.ts');
  const whole = readFileSync(file);
  writeFileSync(file, `${whole}}`);
  const { code, stderr } = runCommand(['reproduce', page]);
  writeFileSync(file, whole);
  assert.equal(code, 1);
  assert.match(stderr, /^The code does not load as it is here: .*\nChanged since it trained the run:\n {4}lib\/base\/files\.ts\n$/);
});

test('of the machine each fact that differs is told', () => {
  const [now] = record.provenance.trainedBy;
  assert.equal(checkMachine(record, now).same, true);
  const { same, others } = checkMachine(record, {
    ...now,
    engine,
    versions: { ...now.versions, node: '99.0.0' },
    threads: '1 parts of a batch',
  });
  assert.equal(same, false);
  assert.deepEqual(others, [`node: ${process.versions.node}, here 99.0.0`, `threads: ${now.threads}, here 1 parts of a batch`]);
});

test('settings of the engine are recorded, and no paths that happen to stand beside them', async () => {
  Object.assign(process.env, { TF_ENABLE_ONEDNN_OPTS: '0', TF_CLI_CONFIG_FILE: '/home/somebody/.config', TF_XLA_FLAGS: '--dump=/home/x' });
  await recordTraining(run, engine, 2);
  for (const name of ['TF_ENABLE_ONEDNN_OPTS', 'TF_CLI_CONFIG_FILE', 'TF_XLA_FLAGS']) delete process.env[name];
  const threads = readProvenance(run).trainedBy.at(-1)?.threads ?? '';
  assert.match(threads, /^2 parts of a batch.*, TF_ENABLE_ONEDNN_OPTS=0/);
  assert.doesNotMatch(threads, /home/);
});

test('a run that is older than the record opens, and what cannot be told of it is said', async (context) => {
  cpSync(projectPath('outputs', 'made'), projectPath('outputs', 'older'), { recursive: true });
  rmSync(projectPath('outputs', 'older', 'hashes.json'));
  const [{ codeSha256: _, threads: __, ...trained }] = readProvenance(run).trainedBy;
  const file = projectPath('outputs', 'older', 'provenance.json');
  await writeJson(file, { ...readJson<object>(file), trainedBy: [trained] });
  await openRunData(openRunFolder('older'));
  const older = recordOf(projectPath('outputs', 'older'));
  assert.equal((await nowOf(data, older)).same, true, 'the data as a whole were always known');
  const folder = copyOf(data, context);
  flipByte(path.join(folder, run.catalog.usable[0].file));
  assert.match((await nowOf(folder, older)).text, /^not photos; the run is older than the record of each file/);
  assert.equal((await checkWeights(older, weights, weights)).same, true);
  assert.match(checkCode(older).text, /^whatever has changed since the run was trained \(by .*\); the run is older than the record/);
  assert.deepEqual(checkMachine(older, record.provenance.trainedBy[0]).others.length, 1);
});

test('places without a run, and pages of old, are refused with what was expected', (context) => {
  const folder = temporaryFolder(context);
  assert.throws(() => readRecord(path.join(folder, 'no.html')), refused(/no\.html: no such file or folder\. Expected a page/));
  assert.throws(() => readRecord(folder), refused(/: a folder without a run\. Expected a page/));
  writeFileSync(path.join(folder, 'old.html'), '<html></html>');
  assert.throws(() => readRecord(path.join(folder, 'old.html')), refused(/no record of a run in it\. .* pages of old have none/));
  writeFileSync(path.join(folder, 'cut.html'), recordHtml(record).slice(0, 900));
  assert.throws(() => readRecord(path.join(folder, 'cut.html')), refused(/its record of a run is damaged/));
});

test('two records are compared to the last digit, and by epochs where they differ', () => {
  const identical = { configuration: true, split: true, history: true, weights: true };
  assert.deepEqual(compareRuns(record, { ...record, config: { ...record.config, data: null } }).same, identical);
  const slower = record.history.map((epoch) => ({ ...epoch, seconds: 99, imagesPerSecond: 1 }));
  assert.deepEqual(compareRuns(record, { ...record, history: slower }).same, identical);
  const shifted = (years: number) =>
    record.history.map((epoch, at) =>
      at === 6 ? { ...epoch, validation: { ...epoch.validation, ageMaeYears: epoch.validation.ageMaeYears + years } } : epoch,
    );
  const hardly = compareRuns(record, { ...record, history: shifted(1e-12) });
  assert.deepEqual([hardly.same.history, hardly.outside], [false, []]);
  const { session, epoch } = record.history[6];
  const most = toleranceOf(record, session).years;
  assert.deepEqual(compareRuns(record, { ...record, history: shifted(0.9 * most) }).outside, []);
  const far = compareRuns(record, { ...record, history: shifted(1.1 * most) });
  assert.match(far.outside.join(), new RegExp(`^session ${session}, epoch ${epoch}, validation: `));
});

test('heads on a frozen base are held to a thousandth of a year; what is judged by more faces, to less', () => {
  const judgedBy = (validation: number) => ({ ...record, provenance: { ...record.provenance, split: { training: 1, validation } } });
  assert.equal(toleranceOf(record, 1).years, 0.001);
  assert.ok(toleranceOf(judgedBy(4000), 2).years < 0.5 && toleranceOf(judgedBy(158), 2).years > 1.8);
  const best = { ...judgedBy(4000), config: resolveConfig({ preset: 'best' }) };
  assert.deepEqual(toleranceOf(best, 1), toleranceOf(best, 2));
});
