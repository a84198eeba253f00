import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { writeDrawnFaces } from '../../data/drawn/drawn';
import { planDrawnFaces } from '../../data/drawn/plan';
import type { ProgressUpdate } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { buildCatalog } from '../../lib/data/catalog';
import { parseFaceName } from '../../lib/data/names';
import { openFolder, openSource } from '../../lib/data/source';
import { findLeaks, splitRecords } from '../../lib/data/split';
import { contentsOf, temporaryFolder } from '../files';

test('ages and genders of the drawn faces are spread as in UTKFace', () => {
  const labels = planDrawnFaces(1, 800).flatMap(({ file }) => {
    const parsed = parseFaceName(file);
    return 'reason' in parsed ? [] : [parsed];
  });
  const ages = labels.map(({ ageYears }) => ageYears);
  const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  assert.equal(labels.length, 797);
  assert.ok(Math.min(...ages) >= 1 && Math.max(...ages) <= 102, `${Math.min(...ages)} to ${Math.max(...ages)}`);
  assert.ok(mean > 29 && mean < 37, `mean age ${mean}`);
  const female = labels.filter(({ gender }) => gender === 1).length / labels.length;
  assert.ok(female > 0.42 && female < 0.54, `${female} female`);
  assert.equal(new Set(labels.map(({ race }) => race)).size, 5);
});

test('for any seed the planted faults are there, and every name once', () => {
  for (let seed = 0; seed < 20; seed++) {
    const planned = planDrawnFaces(seed, 800);
    assert.equal(planned.length, 800);
    assert.equal(new Set(planned.map(({ file }) => file)).size, 800);
    assert.equal(planned.filter(({ file }) => 'reason' in parseFaceName(file)).length, 3);
    assert.equal(new Set(planned.map(({ portrait }) => portrait)).size, 791);
    assert.equal(planned.filter(({ retouch }) => retouch !== undefined).length, 3);
  }
  assert.throws(() => planDrawnFaces(1, 39), /39 drawn faces are too few/);
  assert.throws(() => planDrawnFaces(1, 100.5), /100.5 drawn faces/);
});

test('the catalog finds what was planted and nothing else, and the split leaks nothing', async (context) => {
  const folder = temporaryFolder(context);
  const faces = path.join(folder, 'faces');
  const updates: ProgressUpdate[] = [];
  await writeDrawnFaces(faces, { seed: 1, count: 200 }, (update) => updates.push(update));
  assert.deepEqual([updates.length, updates[199].done, updates[199].total], [200, 200, 200]);
  const catalog = await buildCatalog(openFolder(faces, 'drawn', 'drawn faces'), { cacheFolder: folder });
  assert.deepEqual(catalog.counts, {
    files: 200,
    usable: 197,
    quarantined: 3,
    exactDuplicateGroups: 6,
    surplusFiles: 6,
    ageConflictGroups: 1,
    genderConflictGroups: 1,
    nearDuplicatePairs: 3,
  });
  assert.equal(catalog.exactDuplicates.filter(({ leftOut }) => leftOut).length, 2);
  assert.equal(catalog.records.length, 197 - 6 - 2);
  assert.deepEqual(findLeaks(splitRecords(catalog, { seed: 1, validationShare: 0.2 }), catalog), []);
});

test('without photos the faces that come with the course are drawn, by another process, the same for every run', async (context) => {
  if (existsSync(projectPath('data', 'UTKFace'))) return context.skip('photos in data/UTKFace come first');
  const cacheFolder = temporaryFolder(context);
  const updates: ProgressUpdate[] = [];
  const open = () => openSource(undefined, { cacheFolder, onProgress: (update) => updates.push(update) });
  const { kind, label, files, leftOut, folder } = await open();
  assert.deepEqual([kind, label, files.length, leftOut], ['drawn', 'drawn faces', 800, []]);
  assert.deepEqual(updates.at(-1), { label: 'Drawing faces', done: 800, total: 800, unit: 'faces' });
  const hash = createHash('sha256');
  for (const { file } of files) hash.update(file).update(readFileSync(path.join(folder, file)));
  assert.equal(hash.digest('hex').slice(0, 16), '3e5499b412f7b47d', 'runs of drawn faces go on only while these stay the same');
  updates.length = 0;
  await open();
  assert.deepEqual(updates, [], 'drawn once');
});

test('the same seed draws the same bytes, another seed others; images are 200 x 200 JPEG', async (context) => {
  const folder = temporaryFolder(context);
  const draw = async (name: string, seed: number): Promise<string> => {
    const faces = path.join(folder, name);
    await writeDrawnFaces(faces, { seed, count: 80 });
    const hash = createHash('sha256');
    for (const file of await contentsOf(faces)) hash.update(file).update(readFileSync(path.join(faces, file)));
    return hash.digest('hex');
  };
  const first = await draw('a', 5);
  assert.equal(await draw('b', 5), first);
  assert.notEqual(await draw('c', 6), first);
  const [file] = await contentsOf(path.join(folder, 'a'));
  const { format, width, height, channels } = await sharp(path.join(folder, 'a', file)).metadata();
  assert.deepEqual([format, width, height, channels], ['jpeg', 200, 200, 3]);
});
