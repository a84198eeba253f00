/** Whole photos become a data set: found, framed, labelled, and scored. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { buildCatalog } from '../../lib/data/catalog';
import { openFolder } from '../../lib/data/source';
import { centralOf } from '../../lib/tools/frame-photos';
import { ensureSetup } from '../../lib/tools/setup';
import { runCommand, succeeded } from '../command';
import { contentsOf, sampleFace, temporaryFolder, writeFiles } from '../files';
import { scratchProject } from '../scratch';

before(() => ensureSetup('engine'));

/** Two photos with a face beside each other's, one without, and two that are none; labels for all but one. */
async function album(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  const face = await sampleFace(300);
  const grey = { create: { width: 900, height: 700, channels: 3 as const, background: '#777' } };
  const around = (left: number) => sharp(grey).composite([{ input: face, left, top: 200 }]);
  writeFiles(folder, {
    'a.jpg': await around(100).jpeg().toBuffer(),
    'sub/b.png': await around(500).png().toBuffer(),
    'landscape.jpg': await sharp(grey).jpeg().toBuffer(),
    'text.jpg': 'no image',
    'nobody-knows.webp': await around(300).webp().toBuffer(),
    'labels.csv': 'age,file,gender,group\n38,a.jpg,f,"eileen, c"\n38.5,sub/b.png,female,\n1,landscape.jpg,m,\n2,text.jpg,m,\n',
  });
  return folder;
}

test('a folder of photos becomes a data set with its labels, and says what is not in it', async (context) => {
  const folder = await album(context);
  const out = path.join(temporaryFolder(context), 'aligned');
  const { stdout } = succeeded(runCommand(['align', folder, '--out', out]));
  assert.deepEqual(stdout.split('\n'), [
    'landscape.jpg: no face found.',
    'text.jpg: not an image that can be read, expected JPEG, PNG, WebP, AVIF, GIF or TIFF.',
    `3 of 5 photos framed, 1 of the photos without labels: ${out}`,
    '',
  ]);
  assert.deepEqual(await contentsOf(out), ['a.jpg', 'labels.csv', 'nobody-knows.webp.jpg', 'sub', path.join('sub', 'b.png.jpg')]);
  for (const name of ['a.jpg', 'sub/b.png.jpg']) {
    const { width, height, format } = await sharp(path.join(out, name)).metadata();
    assert.deepEqual([width, height, format], [200, 200, 'jpeg']);
  }
  const { usable, quarantined } = await buildCatalog(openFolder(out), { cacheFolder: temporaryFolder(context) });
  assert.deepEqual(
    usable.map(({ file, ageYears, gender, group }) => ({ file, ageYears, gender, group })),
    [
      { file: 'a.jpg', ageYears: 38, gender: 1, group: 'eileen, c' },
      { file: 'sub/b.png.jpg', ageYears: 38.5, gender: 1, group: undefined },
    ],
  );
  assert.deepEqual(
    quarantined.map(({ file }) => file),
    ['nobody-knows.webp.jpg'],
  );
  const again = runCommand(['align', folder, '--out', out]);
  assert.deepEqual([again.code, again.stderr], [2, `--out ${out}: is there already. Expected a new folder.\n`]);
});

test('photos are scored by the faces that are framed from them, as the data set made of them is', async (context) => {
  const folder = await album(context);
  const project = scratchProject(context); // its own data/cache
  const out = path.join(temporaryFolder(context), 'aligned');
  succeeded(runCommand(['align', folder, '--out', out], {}, project));
  const framed = succeeded(runCommand(['evaluate', '--data', folder, '--frame', '--json'], {}, project));
  assert.match(framed.stderr, /Faces found in 2 of 3 photos; the others are not scored\./);
  const aligned = succeeded(runCommand(['evaluate', '--data', out, '--json'], {}, project));
  assert.deepEqual(JSON.parse(framed.stdout), JSON.parse(aligned.stdout));
  const again = succeeded(runCommand(['evaluate', '--data', folder, '--frame', '--json'], {}, project));
  assert.equal(again.stdout, framed.stdout);
  assert.doesNotMatch(again.stderr, /Framing/);
});

test('whole photos whose ages are ranges are scored as within these or not, framed or aligned', async (context) => {
  const folder = await album(context);
  const rows = ['file,age_lo,age_hi,gender', 'a.jpg,0,,f', 'sub/b.png,116,116,f', 'landscape.jpg,1,2,m'];
  writeFiles(folder, { 'labels.csv': rows.join('\n') });
  const project = scratchProject(context);
  const framed = succeeded(runCommand(['evaluate', '--data', folder, '--frame', '--json'], {}, project));
  const { count, ageMaeYears, ageInRange } = JSON.parse(framed.stdout);
  assert.deepEqual([count, ageMaeYears], [2, null]);
  assert.deepEqual(ageInRange, { count: 2, share: 0.5, baselineShare: 0.5 });
  assert.match(
    succeeded(runCommand(['evaluate', '--data', folder, '--frame'], {}, project)).stdout,
    /age, rounded, within its range +50\.0 % +2\n/,
  );
});

test('the face that a photo is of is wide and near its middle', () => {
  const at = (x: number, y: number, width: number) => ({
    frame: { x, y, sidePx: width, turn: 0 },
    box: { x, y, width, height: width },
    score: 1,
  });
  const [corner, middle, large] = [at(0, 0, 100), at(450, 450, 100), at(200, 400, 300)];
  assert.equal(centralOf([corner, middle], 1000, 1000), middle);
  assert.equal(centralOf([corner, middle, large], 1000, 1000), large);
  assert.equal(centralOf([], 1000, 1000), undefined);
});
