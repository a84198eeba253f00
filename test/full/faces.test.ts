/** On real faces: the whole course on 2,000 of them, what it leaves open behind it, and whether memory stays where it was. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nativeTensorFlow, openEngine } from '../../lib/base/engine';
import { readJson } from '../../lib/base/files';
import { projectPath, projectRoot } from '../../lib/base/project';
import { buildCatalog } from '../../lib/data/catalog';
import { type FaceRecord, shortHash } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { splitRecords } from '../../lib/data/split';
import { buildFaceModel } from '../../lib/model/face-model';
import { readSplitHashes } from '../../lib/model/model-folder';
import type { RunMetrics } from '../../lib/training/finish';
import { GraphStep } from '../../lib/training/graph-step';
import { runCommand, succeeded } from '../command';
import { seededBase, seededImages, seededLabels } from '../reference/seeded-weights';

const data = process.env.COURSE_FULL_DATA ?? '';
const weights = process.env.COURSE_FULL_WEIGHTS ?? '';
const NAME = `zz-full-${process.pid}`;
const folder = projectPath('outputs', NAME);

before(() => assert.ok(data && weights, 'COURSE_FULL_DATA and COURSE_FULL_WEIGHTS: npm run test:full sets them'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the catalog counts every file of the data, copies and near copies', () => {
  const { stdout } = succeeded(runCommand(['catalog', '--data', data, '--json']));
  const counts = JSON.parse(stdout);
  assert.equal(counts.files, counts.usable + counts.quarantined);
  if (counts.files !== 21_708) return; // other collections than the one these figures were counted on
  const { nearDuplicatePairs, refused, ...exact } = counts;
  assert.equal(refused.length, 3);
  assert.deepEqual(exact, {
    files: 21_708,
    usable: 21_705,
    quarantined: 3,
    exactDuplicateGroups: 375,
    surplusFiles: 390,
    ageConflictGroups: 205,
    genderConflictGroups: 40,
  });
  assert.ok(nearDuplicatePairs >= 585 && nearDuplicatePairs <= 645, `${nearDuplicatePairs} near-duplicate pairs`);
});

test('the split of all of UTKFace is the one that the bundled model was trained with', async () => {
  const catalog = await buildCatalog(await openSource(data));
  if (catalog.counts.files !== 21_708) return; // as above
  const split = splitRecords(catalog, { seed: 1, validationShare: 0.2 });
  const hashes = (side: readonly FaceRecord[]) => side.map(({ sha256 }) => shortHash(sha256)).sort();
  const { training, validation } = readSplitHashes(projectPath('data', 'model'));
  assert.deepEqual([hashes(split.training), hashes(split.validation)], [[...training].sort(), [...validation].sort()]);
});

test('2,000 faces go through the whole walkthrough, which listens on loopback only and leaves nothing open', async () => {
  const open = new Set(listening());
  const words = ['walkthrough', '--preset', 'classic', '--limit', '2000', '--data', data, '--weights', weights, '--run', NAME];
  const child = spawn(process.execPath, ['--import', 'tsx', 'lib/tools/cli/main.ts', ...words], {
    cwd: projectRoot(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const outside = new Set<string>();
  const watch = setInterval(() => {
    for (const address of listening()) if (!open.has(address) && !isLoopback(address)) outside.add(address);
  }, 500);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  assert.equal(code, 0);
  assert.deepEqual([...outside], []);
  assert.deepEqual(
    listening().filter((address) => !open.has(address)),
    [],
  );
});

test('the network has learned something, and every page stays below 6 MB, the one with the model inside below 20', () => {
  const { validation, baseline } = readJson<RunMetrics>(path.join(folder, 'metrics.json'));
  assert.ok(validation.ageMaeYears < 0.6 * baseline.ageMaeYears, `MAE ${validation.ageMaeYears} years`);
  assert.ok(validation.genderAccuracy > 0.8, `gender accuracy ${validation.genderAccuracy}`);
  for (const page of readdirSync(path.join(folder, 'reports'))) {
    assert.ok(statSync(path.join(folder, 'reports', page)).size < (page === 'demo.html' ? 20_000_000 : 6_000_000), page);
  }
});

test('a report without faces holds no photo', () => {
  const holdsPhoto = (page: string) => /<img [^>]*src="data:image/.test(readFileSync(path.join(folder, 'reports', page), 'utf8'));
  const photos = () => readdirSync(path.join(folder, 'reports')).filter(holdsPhoto);
  assert.ok(photos().length >= 3);
  succeeded(runCommand(['report', '--run', NAME, '--no-faces']));
  assert.deepEqual(photos(), []);
});

test('2,000 training steps leave tensors and memory where they were after 200', async () => {
  await openEngine();
  const tf = nativeTensorFlow();
  const model = buildFaceModel(64, seededBase());
  const step = new GraphStep(model.full, () => true);
  const batch = { inputs: seededImages(4, 64), ...seededLabels(4) };
  const steps = (count: number) => {
    for (let done = 0; done < count; done++) step.step(batch, 1e-5);
    const backend: unknown = tf.backend();
    return {
      tensors: (backend as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors(),
      memory: process.memoryUsage().rss,
    };
  };
  const early = steps(200);
  const late = steps(1800);
  assert.equal(late.tensors, early.tensors);
  assert.ok(late.memory < 1.05 * early.memory, `${early.memory} bytes after 200 steps, ${late.memory} after 2,000`);
  step.dispose();
});

/** Addresses on which something listens, as the kernel lists them: hexadecimal address and port. */
function listening(): string[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => fields[1]),
  );
}

/** 127.0.0.0/8, ::1, or the former written as the latter. */
function isLoopback(address: string): boolean {
  return /^[0-9A-F]{6}7F:/.test(address) || /^0{24}01000000:/.test(address) || /^0{16}FFFF0000[0-9A-F]{6}7F:/.test(address);
}
