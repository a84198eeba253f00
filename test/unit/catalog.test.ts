import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { InputError } from '../../lib/base/errors';
import type { ProgressUpdate } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { buildCatalog, type CatalogOptions } from '../../lib/data/catalog';
import type { Catalog } from '../../lib/data/record';
import { openFolder } from '../../lib/data/source';
import { blotches, contentsOf, temporaryFolder, writeFiles } from '../files';

interface Folder {
  readonly folder: string;
  readonly cacheFolder: string;
}

/** The folder as it is now. */
async function catalogOf({ folder, cacheFolder }: Folder, options: CatalogOptions = {}): Promise<Catalog> {
  return buildCatalog(openFolder(folder), { cacheFolder, ...options });
}

/** Six distinct faces, one of them with copies, beside everything that can be wrong with a file. */
async function mixedFolder(context: TestContext): Promise<Folder> {
  const folder = temporaryFolder(context);
  const photo = await Promise.all([1, 2, 3, 4, 5].map((seed) => blotches(seed)));
  const huge = await sharp({ create: { width: 8000, height: 7000, channels: 3, background: '#fff' } })
    .jpeg({ progressive: true })
    .toBuffer();
  writeFiles(path.join(folder, 'faces'), {
    '26_0_2_201.jpg.chip.jpg': photo[0],
    '27_0_2_202.jpg.chip.jpg': photo[0], // a copy, one year older: one record
    '30_0_1_301 .jpg.chip.jpg': photo[1],
    '36_0_1_302.jpg.chip.jpg': photo[1], // a copy, six years older: left out
    '40_0_0_401.jpg.chip.jpg': photo[2],
    '40_1_0_402.jpg.chip.jpg': photo[2], // a copy of the other gender: left out
    '50_1_0_501.jpg.chip.jpg': photo[3],
    '50_1_0_502.jpg.chip.jpg': await sharp(photo[3]).jpeg({ quality: 60 }).toBuffer(), // the same picture, saved again
    'more/60_1_4_601jpg.chip.jpg': photo[4],
    '39_1_20170116174525125.jpg.chip.jpg': photo[4],
    '70_0_0_701.jpg': 'I am no image',
    '70_0_0_702.jpg': photo[4].subarray(0, photo[4].length / 2),
    '70_0_0_703.jpg': '',
    '70_0_0_704.jpg': huge,
    'README.txt': 'about the faces',
    '.DS_Store': 'whatever',
  });
  return { folder: path.join(folder, 'faces'), cacheFolder: path.join(folder, 'cache') };
}

function names(records: readonly { file: string }[]): readonly string[] {
  return records.map(({ file }) => file);
}

test('every file is a record or has its reason, and copies collapse or are left out', async (context) => {
  const source = await mixedFolder(context);
  const catalog = await catalogOf(source);
  assert.deepEqual(catalog.counts, {
    files: 16,
    usable: 9,
    quarantined: 7,
    exactDuplicateGroups: 3,
    surplusFiles: 3,
    ageConflictGroups: 2,
    genderConflictGroups: 1,
    nearDuplicatePairs: 1,
  });
  const reasons = Object.fromEntries(catalog.quarantined.map(({ file, reason }) => [file, reason]));
  assert.deepEqual(reasons, {
    '.DS_Store': 'not named like an image (.jpg, .png, .webp and the like)',
    '39_1_20170116174525125.jpg.chip.jpg': 'a field is missing: gender and race cannot be known, 1 may be either',
    '70_0_0_701.jpg': 'not an image that can be read, expected JPEG, PNG, WebP, AVIF, GIF or TIFF',
    '70_0_0_702.jpg': 'the image is truncated or damaged and cannot be decoded',
    '70_0_0_703.jpg': 'the file is empty (0 bytes), expected an image',
    '70_0_0_704.jpg': 'the image is too large, expected at most 50 megapixels',
    'README.txt': 'not named like an image (.jpg, .png, .webp and the like)',
  });
  assert.deepEqual(names(catalog.records), [
    '26_0_2_201.jpg.chip.jpg',
    '50_1_0_501.jpg.chip.jpg',
    '50_1_0_502.jpg.chip.jpg',
    'more/60_1_4_601jpg.chip.jpg',
  ]);
  assert.deepEqual(
    catalog.exactDuplicates.map(({ records, leftOut }) => [names(records)[0], leftOut]),
    [
      ['26_0_2_201.jpg.chip.jpg', false],
      ['30_0_1_301 .jpg.chip.jpg', true],
      ['40_0_0_401.jpg.chip.jpg', true],
    ],
  );
  const [pair] = catalog.nearDuplicates;
  assert.deepEqual([pair.first.file, pair.second.file], ['50_1_0_501.jpg.chip.jpg', '50_1_0_502.jpg.chip.jpg']);
  assert.ok(pair.correlation >= 0.98);
});

test('a second look reads the cache and finds the same; a changed file is looked at anew', async (context) => {
  const source = await mixedFolder(context);
  const updates: ProgressUpdate[] = [];
  const look = (): Promise<Catalog> => catalogOf(source, { onProgress: (update) => updates.push(update) });
  const read = (): readonly number[] => updates.map(({ done }) => done);
  const first = await look();
  assert.deepEqual(read(), [16]);
  assert.deepEqual(await look(), first);
  assert.deepEqual(read(), [16]);
  writeFiles(source.folder, { '50_1_0_502.jpg.chip.jpg': await blotches(9) });
  const changed = await look();
  assert.deepEqual(read(), [16, 16]);
  assert.equal(changed.counts.nearDuplicatePairs, 0);
  assert.notEqual(changed.sha256, first.sha256);
});

test('a spoiled cache is thrown away', async (context) => {
  const source = await mixedFolder(context);
  const first = await catalogOf(source);
  const [cached] = await contentsOf(source.cacheFolder);
  writeFiles(source.cacheFolder, { [cached]: '{"half":' });
  assert.deepEqual(await catalogOf(source), first);
});

test('times alone do not change the identity of the data', async (context) => {
  const source = await mixedFolder(context);
  const { sha256 } = await catalogOf(source);
  utimesSync(path.join(source.folder, 'README.txt'), 1, 1);
  assert.equal((await catalogOf(source)).sha256, sha256);
});

test('a limit draws the same files for a seed, and a larger limit contains them', async (context) => {
  const source = await mixedFolder(context);
  const all = async (limit: number, seed: number): Promise<readonly string[]> => {
    const { usable, quarantined } = await catalogOf(source, { limit, seed });
    return [...names(usable), ...names(quarantined)].sort();
  };
  const eight = await all(8, 1);
  assert.equal(eight.length, 8);
  assert.deepEqual(await all(8, 1), eight);
  assert.notDeepEqual(await all(8, 2), eight);
  const twelve = await all(12, 1);
  assert.ok(eight.every((file) => twelve.includes(file)));
  assert.equal((await all(100, 1)).length, 16);
});

test('a folder without a usable face is refused with an example', async (context) => {
  const folder = temporaryFolder(context);
  writeFiles(folder, { 'faces/holiday.jpg': await blotches(1) });
  const source = { folder: path.join(folder, 'faces'), cacheFolder: folder };
  await assert.rejects(catalogOf(source), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /faces: no faces \(1 file, none usable; holiday\.jpg: .*\)\. Expected images named \[age\]/);
    return true;
  });
  rmSync(path.join(folder, 'faces/holiday.jpg'));
  await assert.rejects(catalogOf(source), /faces: the folder is empty/);
});

const run = promisify(execFile);

test('the command prints exactly one JSON object, every refused file in it, and nothing else on stdout', async (context) => {
  const { folder } = await mixedFolder(context);
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'lib/tools/cli/main.ts', 'catalog', '--data', folder, '--json'], {
    cwd: projectPath(),
  });
  const [counts, refused] = stdout.split(',"refused":');
  assert.equal(
    counts,
    '{"files":16,"usable":9,"quarantined":7,"exactDuplicateGroups":3,"surplusFiles":3,"ageConflictGroups":2,"genderConflictGroups":1,"nearDuplicatePairs":1',
  );
  assert.deepEqual(
    JSON.parse(refused.slice(0, -2)).map(({ file }: { file: string }) => file),
    [
      '.DS_Store',
      '39_1_20170116174525125.jpg.chip.jpg',
      '70_0_0_701.jpg',
      '70_0_0_702.jpg',
      '70_0_0_703.jpg',
      '70_0_0_704.jpg',
      'README.txt',
    ],
  );
});

test('the command refuses what it cannot read with one line, and wrong usage with an exit code of its own', async (context) => {
  const folder = temporaryFolder(context);
  const refuse = async (words: readonly string[], message: RegExp, exitCode = 1): Promise<void> => {
    await assert.rejects(
      run(process.execPath, ['--import', 'tsx', 'lib/tools/cli/main.ts', 'catalog', ...words], { cwd: projectPath() }),
      (error: unknown) => {
        assert.ok(error instanceof Error && 'stderr' in error && 'code' in error && 'stdout' in error);
        assert.equal(error.code, exitCode);
        assert.equal(error.stdout, '');
        assert.match(String(error.stderr), message);
        assert.equal(String(error.stderr).trimEnd().split('\n').length, 1);
        return true;
      },
    );
  };
  await refuse(['--data', path.join(folder, 'none.tar.gz')], /none\.tar\.gz: no such file or folder/);
  await refuse(['--limit', 'many'], /limit "many": expected a whole number of at least 10/);
  await refuse(['--colour'], /Unknown option '--colour'/, 2);
});
