/** Folders as people have them: parts, copies, links, and entries that are no files. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildCatalog } from '../../lib/data/catalog';
import type { Catalog } from '../../lib/data/record';
import { openFolder, openSource } from '../../lib/data/source';
import { decodeRgb } from '../../lib/images/decode';
import { findPhotos } from '../../lib/tools/cli/find-photos';
import { blotches, type Entry, tarGz, temporaryFolder, writeFiles, zip } from '../files';

const face = (number: number) => `2${number}_0_2_2017011221300198${number}.jpg`;

/** A folder with a face below each of the names. */
async function folderOf(context: TestContext, names: readonly string[]): Promise<string> {
  const folder = temporaryFolder(context);
  writeFiles(folder, Object.fromEntries(await Promise.all(names.map(async (name, index) => [name, await blotches(index + 1)] as const))));
  return folder;
}

async function catalogOf(context: TestContext, folder: string): Promise<Catalog> {
  return buildCatalog(openFolder(folder), { cacheFolder: temporaryFolder(context) });
}

/** The files that a place names. */
const findImages = async (place: string) => (await findPhotos([place])).photos.map(({ file }) => file);
const names = (files: readonly { readonly file: string }[]) => files.map(({ file }) => file);
const reasons = ({ quarantined }: Catalog) => Object.fromEntries(quarantined.map(({ file, reason }) => [file, reason]));

for (const parts of [
  ['part1', 'part2', 'part3'],
  ['train', 'val', 'val/more'],
  ['21', '22', '23'],
]) {
  test(`all faces below ${parts.join(', ')} are read, in a folder and in archives`, async (context) => {
    const inside = parts.map((part, index) => `${part}/${face(index + 1)}`).sort();
    const folder = await folderOf(context, inside);
    assert.deepEqual(names((await catalogOf(context, folder)).usable), inside);
    const entries: Entry[] = inside.map((name) => ({ name: `wild/${name}`, content: Buffer.from(name) }));
    writeFiles(folder, { 'a.zip': zip(entries), 'a.tar.gz': tarGz(entries) });
    for (const archive of ['a.zip', 'a.tar.gz']) {
      const { files, leftOut } = await openSource(path.join(folder, archive), { cacheFolder: path.join(folder, 'cache') });
      assert.deepEqual([names(files), leftOut], [inside, []]);
    }
  });
}

test('a copy of a folder is a row that says how many files it holds, and the counts add up', async (context) => {
  const folder = await folderOf(
    context,
    [1, 2, 3].map((number) => `UTKFace/${face(number)}`),
  );
  writeFiles(folder, {
    [`crop_part1/${face(1)}`]: 'again',
    [`crop_part1/${face(2)}`]: 'again',
    'crop_part1/Thumbs.db': '',
    '__MACOSX/._x.jpg': '',
  });
  const { counts, quarantined, usable } = await catalogOf(context, folder);
  assert.deepEqual(quarantined, [
    { file: '../__MACOSX/', reason: 'left behind by macOS', files: 1 },
    { file: '../crop_part1/', reason: 'a copy of UTKFace/', files: 3 },
  ]);
  assert.deepEqual([counts.files, counts.usable, counts.quarantined], [7, 3, 4]);
  assert.deepEqual(names(usable), [face(1), face(2), face(3)]);
});

test('what lies beside the faces is told as it is now, though the faces are known from before', async (context) => {
  const folder = await folderOf(context, [`UTKFace/${face(1)}`, `crop_part1/${face(1)}`]);
  const cacheFolder = temporaryFolder(context);
  const look = async () => {
    const { quarantined, counts } = await buildCatalog(openFolder(folder), { cacheFolder });
    return [names(quarantined), counts.files];
  };
  assert.deepEqual(await look(), [['../crop_part1/'], 2]);
  rmSync(path.join(folder, 'crop_part1'), { recursive: true });
  assert.deepEqual(await look(), [[], 1]);
});

test('links to files and folders are followed, and no folder is read twice', async (context) => {
  const folder = await folderOf(context, [`real/part1/${face(1)}`, `elsewhere/${face(2)}`]);
  symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'real', 'linked'));
  symlinkSync(path.join(folder, 'real'), path.join(folder, 'real', 'part1', 'cycle'));
  symlinkSync('part1', path.join(folder, 'real', 'a-second-name'));
  symlinkSync('itself', path.join(folder, 'real', 'itself'));
  symlinkSync(path.join(folder, 'elsewhere', face(2)), path.join(folder, 'real', face(3)));
  symlinkSync(path.join(folder, 'real'), path.join(folder, 'data'));
  const { usable, quarantined } = await catalogOf(context, path.join(folder, 'data'));
  assert.deepEqual(names(usable), [face(3), `linked/${face(2)}`, `part1/${face(1)}`]);
  assert.deepEqual(quarantined, [
    { file: 'a-second-name/', reason: 'a link to a folder that is read already' },
    { file: 'itself', reason: 'a link that leads nowhere' },
    { file: 'part1/cycle/', reason: 'a link to a folder that is read already' },
  ]);
});

/** All that a folder of faces may hold beside faces. */
async function oddFolder(context: TestContext): Promise<string> {
  const folder = await folderOf(context, [face(1)]);
  symlinkSync('nowhere.jpg', path.join(folder, face(2)));
  execFileSync('mkfifo', [path.join(folder, face(3))]);
  mkdirSync(path.join(folder, face(4)));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('25_0_2_caf\xe9.jpg', 'latin1')]), 'a name in Latin-1');
  return folder;
}

test('a dangling link, a FIFO, a folder named like an image and a name in another encoding are rows', {
  timeout: 20_000,
}, async (context) => {
  const catalog = await catalogOf(context, await oddFolder(context));
  assert.deepEqual(reasons(catalog), {
    [face(2)]: 'a link that leads nowhere',
    [face(3)]: 'neither a file nor a folder, but a FIFO, a socket or a device',
    [face(4)]: 'a folder, expected an image file',
    '25_0_2_caf\uFFFD.jpg': 'its name is not in UTF-8: rename it',
  });
  assert.deepEqual([catalog.counts.files, catalog.counts.usable], [5, 1]);
});

test('to predict from such a folder hangs on nothing, and each entry says what is wrong with it', { timeout: 20_000 }, async (context) => {
  const answers = (await findImages(await oddFolder(context))).map((file) => decodeRgb(file, 8).then(() => 'read', String));
  const [good, ...bad] = await Promise.all(answers);
  assert.equal(good, 'read');
  assert.equal(bad.length, 4);
  for (const answer of bad)
    assert.match(answer, /a link that leads nowhere|a folder, expected an image|it is a FIFO|its name is not in UTF-8/);
});

test('photos are found through links, in folders with brackets, and under all the endings that data sets have', async (context) => {
  const album = await folderOf(context, [
    'a.jpg',
    'b.jfif',
    'c.jpe',
    'sub/d.webp',
    'e.heic',
    'f.bmp',
    '._a.jpg',
    'dir [2020] (x)/g.jpg',
    'notes.txt',
  ]);
  const below = async (place: string) => (await findImages(path.join(album, place))).map((file) => path.relative(album, file));
  symlinkSync(album, `${album}-link`);
  context.after(() => execFileSync('rm', [`${album}-link`]));
  assert.deepEqual(
    await findImages(`${album}-link`),
    (await findImages(album)).map((file) => file.replace(album, `${album}-link`)),
  );
  assert.deepEqual(await below('.'), ['a.jpg', 'b.jfif', 'c.jpe', 'dir [2020] (x)/g.jpg', 'e.heic', 'f.bmp', 'sub/d.webp']);
  assert.deepEqual(await below('dir [2020] (x)/*.jpg'), ['dir [2020] (x)/g.jpg']);
  assert.deepEqual(await below('**/*.{jpe,webp}'), ['c.jpe', 'sub/d.webp']);
  await assert.rejects(below('*.gif'), /no image there/);
});

test('a data set of .jfif, .jpe and .webp is read; one of HEIC alone says what it is', async (context) => {
  const folder = await folderOf(context, ['21_0_2_1.jfif', '22_0_2_2.jpe', '23_0_2_3.webp']);
  assert.equal((await catalogOf(context, folder)).counts.usable, 3);
  const heic = temporaryFolder(context);
  writeFiles(heic, { '24_0_2_4.heic': Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic and so on') });
  await assert.rejects(
    catalogOf(context, heic),
    /no faces \(1 file, none usable; 24_0_2_4\.heic: HEIC, which cannot be read here; convert it to JPEG first\)/,
  );
});
