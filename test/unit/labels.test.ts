/** Labels of one's own: a labels.csv in a folder or an archive. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildCatalog, type CatalogOptions } from '../../lib/data/catalog';
import type { Catalog } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { findLeaks, requireBothSides, splitRecords } from '../../lib/data/split';
import { blotches, temporaryFolder, writeFiles, zip } from '../files';

async function catalogOf(
  context: TestContext,
  files: Readonly<Record<string, Buffer | string>>,
  options: CatalogOptions = {},
): Promise<Catalog> {
  const folder = temporaryFolder(context);
  mkdirSync(path.join(folder, 'data'));
  writeFiles(path.join(folder, 'data'), files);
  return buildCatalog(await openSource(path.join(folder, 'data')), { cacheFolder: folder, ...options });
}

/** So many different pictures, named a.jpg, b.jpg and so on. */
async function photos(count: number): Promise<Record<string, Buffer>> {
  const made = Array.from(
    { length: count },
    async (_, index) => [`${'abcdefghijklmnopqrstuvwxyz'[index]}.jpg`, await blotches(index + 1)] as const,
  );
  return Object.fromEntries(await Promise.all(made));
}

test('a labels.csv names faces: columns in any order, quoted, with a mark and Windows line ends, other columns ignored', async (context) => {
  const rows = [
    'Note,GENDER,file,Age,race,group',
    '"a, quoted ""note""",female,a.jpg,25.5,Asian,ann',
    '"of two\r\nlines",M,sub/b.jpg,0,4,',
    ',1, c.jpg ,,,ann',
    ',0,sub\\d.jpg,116,,',
    '',
  ];
  const { a, b, c, d } = Object.fromEntries(Object.entries(await photos(4)).map(([name, photo]) => [name[0], photo]));
  const catalog = await catalogOf(context, {
    'labels.csv': `\uFEFF${rows.join('\r\n')}`,
    'a.jpg': a,
    'sub/b.jpg': b,
    'c.jpg': c,
    'sub/d.jpg': d,
  });
  assert.deepEqual(
    catalog.usable.map(({ sha256, ...labels }) => labels),
    [
      { file: 'a.jpg', ageYears: 25.5, gender: 1, race: 2, group: 'ann' },
      { file: 'c.jpg', gender: 1, group: 'ann' },
      { file: 'sub/b.jpg', ageYears: 0, gender: 0, race: 4 },
      { file: 'sub/d.jpg', ageYears: 116, gender: 0 },
    ],
  );
  assert.deepEqual(catalog.quarantined, []);
  assert.deepEqual(
    catalog.records.map(({ file }) => file),
    ['a.jpg', 'sub/b.jpg', 'sub/d.jpg'],
    'a face of unknown age is not learned from',
  );
  assert.deepEqual([catalog.counts.files, catalog.counts.usable, catalog.counts.ageUnknown], [4, 4, 1]);
});

test('a wrong row is named with its line; so are rows without a file, and files without a row', async (context) => {
  const labels = [
    'file,age,gender,race',
    'a.jpg,30,male,0',
    '"b.jpg",abc,male,"two\nlines"',
    'c.jpg,30,both,0',
    'd.jpg,30,f,Martian',
    'e.jpg,117,f,1',
    'a.jpg,31,male,0',
    'gone.jpg,30,male,0',
    ',30,male,0',
  ];
  const catalog = await catalogOf(context, { ...(await photos(6)), 'labels.csv': labels.join('\n'), 'README.txt': 'about' });
  assert.deepEqual(Object.fromEntries(catalog.quarantined.map(({ file, reason }) => [file, reason])), {
    'README.txt': 'not named like an image (.jpg, .png, .webp and the like)',
    'b.jpg': 'labels.csv, line 3: age "abc", expected 0 to 116, or nothing where it is not known',
    'c.jpg': 'labels.csv, line 5: gender "both", expected male, female, m, f, 0 (male) or 1 (female)',
    'd.jpg': 'labels.csv, line 6: race "Martian", expected 0 to 4 or one of White, Black, Asian, Indian, Other',
    'e.jpg': 'labels.csv, line 7: age "117", expected 0 to 116, or nothing where it is not known',
    'f.jpg': 'no row in labels.csv',
    'gone.jpg': 'labels.csv, line 9: no such file',
    'labels.csv, line 10': 'no file name',
    'labels.csv, line 8': 'a second row for a.jpg',
  });
  const { files, usable, quarantined } = catalog.counts;
  assert.deepEqual([usable, files], [1, usable + quarantined]);
});

test('a labels.csv without a column that is needed says which; another label changes the identity of the data', async (context) => {
  const faces = await photos(1);
  const wrong = catalogOf(context, { ...faces, 'labels.csv': 'file;age;gender\na.jpg;1;1\n' });
  await assert.rejects(wrong, /labels\.csv: no column file, age, gender, expected the header "file,age,gender".*; found "file;age;gender"/);
  const [young, old] = await Promise.all(
    [30, 60].map((age) => catalogOf(context, { ...faces, 'labels.csv': `file,age,gender\na.jpg,${age},1\n` })),
  );
  assert.notEqual(young.sha256, old.sha256);
});

test('an archive with a labels.csv is a data set too, and beside one folder with a labels.csv names still speak', async (context) => {
  const folder = temporaryFolder(context);
  const { 'a.jpg': a, 'b.jpg': b } = await photos(2);
  const entries = [
    { name: 'mine/own/labels.csv', content: Buffer.from('file,age,gender\na.jpg,33,f\n') },
    { name: 'mine/own/a.jpg', content: a },
    { name: 'mine/others/41_0_3_2017.jpg', content: b },
  ];
  writeFiles(folder, { 'mine.zip': zip(entries) });
  const { usable, quarantined } = await buildCatalog(await openSource(path.join(folder, 'mine.zip'), { cacheFolder: folder }), {
    cacheFolder: folder,
  });
  assert.deepEqual(
    usable.map(({ sha256, ...labels }) => labels),
    [
      { file: 'others/41_0_3_2017.jpg', ageYears: 41, gender: 0, race: 3 },
      { file: 'own/a.jpg', ageYears: 33, gender: 1 },
    ],
  );
  assert.deepEqual(quarantined, []);
});

test('a group stays on one side of the split, near copies of its pictures with it', async (context) => {
  const faces = await photos(24);
  const rows = Object.keys(faces).map((file, index) => `${file},30,m,person ${Math.floor(index / 2)}`);
  const catalog = await catalogOf(context, {
    ...faces,
    'y.jpg': await blotches(1, 200, 60),
    'labels.csv': ['file,age,gender,group', ...rows, 'y.jpg,30,m,person 11'].join('\n'),
  });
  const groupOf = new Map(catalog.records.map(({ file, group }) => [file, group]));
  assert.ok(
    catalog.clusters.some((cluster) => cluster.length === 5),
    'y.jpg is a near copy of a.jpg: persons 0 and 11 go together',
  );
  for (let seed = 0; seed < 20; seed++) {
    const split = splitRecords(catalog, { seed, validationShare: 0.3 });
    assert.ok(split.validation.length > 0);
    const judged = new Set(split.validation.map(({ group }) => group));
    assert.ok(
      split.training.every(({ group }) => !judged.has(group)),
      `seed ${seed}`,
    );
    assert.deepEqual(findLeaks(split, catalog), []);
    assert.equal(judged.has(groupOf.get('a.jpg')), judged.has('person 11'));
  }
});

test('where everybody is in a group, whole groups are set aside; where groups are too large for that, the reason is said', async (context) => {
  const faces = await photos(26);
  const catalogIn = (groups: number) => {
    const rows = Object.keys(faces).map((file, index) => `${file},${20 + (index % 3)},m,person ${index % groups}`);
    return catalogOf(context, { ...faces, 'labels.csv': ['file,age,gender,group', ...rows].join('\n') });
  };
  const small = await catalogIn(13);
  for (let seed = 0; seed < 30; seed++) {
    const { validation } = splitRecords(small, { seed, validationShare: 0.2 });
    assert.ok(validation.length >= 4, `seed ${seed}: ${validation.length} of 26`);
  }
  const large = await catalogIn(2);
  const split = splitRecords(large, { seed: 1, validationShare: 0.2 });
  assert.throws(() => requireBothSides(split, large), /all 26 faces are in 2 groups or chains of near copies, and none can be set aside/);
});

test('a set of nothing but near copies is called that', async (context) => {
  const frames = Array.from(
    { length: 12 },
    async (_, index) => [`3${index % 10}_1_0_${index}.jpg`, await blotches(1, 200, 60 + index)] as const,
  );
  const catalog = await catalogOf(context, Object.fromEntries(await Promise.all(frames)));
  const split = splitRecords(catalog, { seed: 1, validationShare: 0.2 });
  assert.throws(() => requireBothSides(split, catalog), /data: all 12 faces are near copies of one picture, or of one group/);
});

test('ages may be ranges, open at the end; such faces are usable and never learned from, and an exact age wins', async (context) => {
  const rows = ['file,age_lo,age_hi,gender,age', 'a.jpg,20,29,m,', 'b.jpg,70,,f,', 'c.jpg,30,39,f,33', 'd.jpg,,,m,'];
  const { usable, records, counts, quarantined } = await catalogOf(context, { 'labels.csv': rows.join('\n'), ...(await photos(4)) });
  assert.deepEqual(
    usable.map(({ ageYears, ageRangeYears }) => [ageYears, ageRangeYears]),
    [
      [undefined, [20, 29]],
      [undefined, [70, null]],
      [33, undefined],
      [undefined, undefined],
    ],
  );
  assert.deepEqual(
    records.map(({ file }) => file),
    ['c.jpg'],
  );
  assert.deepEqual([counts.ageUnknown, quarantined], [3, []]);
});

test('ranges without a beginning or turned round are refused by line, and a header with half of the two columns', async (context) => {
  const rows = ['file,age_lo,age_hi,gender', 'a.jpg,20,29,m', 'b.jpg,,29,f', 'c.jpg,39,30,f', 'd.jpg,20,200,m'];
  const { usable, quarantined } = await catalogOf(context, { 'labels.csv': rows.join('\n'), ...(await photos(4)) });
  assert.equal(usable.length, 1);
  assert.deepEqual(
    quarantined.map(({ reason }) => reason),
    [
      'labels.csv, line 3: age_lo "", age_hi "29", expected the first and the last year',
      'labels.csv, line 4: age_lo "39", age_hi "30", expected the first and the last year',
      'labels.csv, line 5: age "200", expected 0 to 116, or nothing where it is not known',
    ],
  );
  await assert.rejects(catalogOf(context, { 'labels.csv': 'file,age_lo,gender\na.jpg,20,m', ...(await photos(1)) }), /no column age_hi/);
});
