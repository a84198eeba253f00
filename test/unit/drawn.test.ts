import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { writeDrawnFaces } from '../../data/drawn/drawn';
import { planDrawnFaces } from '../../data/drawn/plan';
import type { ProgressUpdate } from '../../lib/base/progress';
import { buildCatalog } from '../../lib/data/catalog';
import { parseFaceName } from '../../lib/data/names';
import { openFolder } from '../../lib/data/source';
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
