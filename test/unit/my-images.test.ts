/** The reader's own folder of photos: what cannot be read is a line, and nothing in it ends notebook 6. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { myImages } from '../../lib/course/trained-model';

const folder = mkdtempSync(path.join(os.tmpdir(), 'my image '));
after(() => rmSync(folder, { recursive: true }));

const photo = projectPath('data', 'my image', 'eileen-collins.jpg');
/** What an iPhone's photo begins with. */
const HEIC = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(64)]);

test('photos that can be read are found, and each file that cannot is a line that names it', async () => {
  mkdirSync(path.join(folder, 'more'));
  copyFileSync(photo, path.join(folder, 'more', 'good.jpg'));
  writeFileSync(path.join(folder, 'cut.jpg'), readFileSync(photo).subarray(0, 2000));
  writeFileSync(path.join(folder, 'letter.jpg'), 'no picture at all');
  writeFileSync(path.join(folder, 'phone.heic'), HEIC);
  writeFileSync(path.join(folder, '.DS_Store'), 'not for people');
  symlinkSync('moved away.jpg', path.join(folder, 'link.jpg'));
  execFileSync('mkfifo', [path.join(folder, 'pipe.jpg')]);
  const { files, remarks } = await myImages(folder);
  assert.deepEqual(files, [path.join(folder, 'more', 'good.jpg')]);
  assert.deepEqual(
    remarks.map((line) => line.split(':')[0]),
    ['cut.jpg', 'letter.jpg', 'link.jpg', 'phone.heic', 'pipe.jpg'],
  );
  for (const line of remarks) assert.ok(!line.includes('\n') && !line.includes(folder), line);
});

test('where no photo is left, the last line says what to put there', async () => {
  rmSync(path.join(folder, 'more'), { recursive: true, force: true });
  for (const remarks of [(await myImages(folder)).remarks, (await myImages(path.join(folder, 'missing'))).remarks]) {
    assert.match(remarks.at(-1) ?? '', /^No image to read in .*: put a photo of a face there/);
  }
});
