/** What is made of a Keras file: the same weights, as the folder that the library takes. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { resolvePretrained } from '../../lib/model/pretrained';
import { hashWeights, requireWeights } from '../../lib/model/weights';
import { importKerasWeights, readKerasH5 } from '../../lib/tools/download/keras-h5';
import { runCommand, succeeded } from '../command';
import { contentsOf, temporaryFolder, writeFiles } from '../files';
import { referencePath } from '../reference/reference';
import { seededNormedBase } from '../reference/seeded-weights';
import { writeKerasH5 } from '../reference/write-keras-h5';
import { scratchProject } from '../scratch';

let source = '';
let file = '';
before(async () => {
  source = mkdtempSync(path.join(os.tmpdir(), 'keras-'));
  file = path.join(source, 'mine.weights.h5');
  await writeKerasH5(file);
});
after(() => rmSync(source, { recursive: true }));

test('an imported Keras file gives the weights that reading it gives, bit for bit, and is found again', async (context) => {
  const dataFolder = temporaryFolder(context);
  const place = path.join(dataFolder, 'weights');
  writeFiles(place, { 'mine-01234567.4000000-0123abcd.part/weights.bin': 'left by a process that died' });
  const folder = await importKerasWeights(file, place);
  assert.match(path.relative(place, folder), /^mine-[0-9a-f]{8}$/);
  const { sha256, label } = await resolvePretrained({ dataFolder });
  assert.equal(label, `data/weights/${path.basename(folder)}`);
  assert.equal(sha256, hashWeights(requireWeights(await readKerasH5(file), mobileNetV2Shapes(), file)));
  assert.equal(sha256, hashWeights(seededNormedBase()));

  const made = statSync(folder).ino;
  const copy = path.join(dataFolder, 'mine.h5');
  copyFileSync(file, copy);
  assert.equal(await importKerasWeights(copy, place), folder);
  assert.deepEqual([readdirSync(place), statSync(folder).ino], [[path.basename(folder)], made]);
});

test('a Keras file of another network is refused by its name, and nothing is written', async (context) => {
  const place = temporaryFolder(context);
  const complaint = (error: unknown) =>
    error instanceof InputError && /legacy\.h5: the weight Conv\/kernel has the shape 3x3x3x16, expected 3x3x3x32/.test(error.message);
  await assert.rejects(importKerasWeights(referencePath('legacy.h5'), place), complaint);
  assert.deepEqual(await contentsOf(place), []);
});

test('npm run download -- weights imports a Keras file that lies there, without any network', async (context) => {
  const project = scratchProject(context);
  mkdirSync(path.join(project, 'data', 'weights'));
  copyFileSync(file, path.join(project, 'data', 'weights', 'older.h5'));
  const { stdout } = succeeded(runCommand(['download', 'weights'], {}, project));
  assert.match(stdout, /^data\/weights\/older-[0-9a-f]{8}\nEvery new run starts from these weights\.\n$/);
  const { sha256 } = await resolvePretrained({ dataFolder: path.join(project, 'data') });
  assert.equal(sha256, hashWeights(seededNormedBase()));
});

test('a file that is named is made a folder of, and other runs do not start from it', async (context) => {
  const project = scratchProject(context);
  copyFileSync(file, path.join(project, 'mine.h5'));
  const { stdout } = succeeded(runCommand(['download', 'weights', '--from', 'mine.h5'], {}, project));
  const folder = /--weights "(data\/weights\/.*)"$/m.exec(stdout)?.[1] ?? '';
  const dataFolder = path.join(project, 'data');
  const given = await resolvePretrained({ weights: path.join(project, folder), dataFolder });
  assert.equal(given.sha256, hashWeights(seededNormedBase()));
  assert.equal((await resolvePretrained({ dataFolder })).kind, 'bundled');
  assert.match(runCommand(['download', 'utkface', '--from', 'mine.h5'], {}, project).stderr, /^--from .*mine\.h5: only /);
});
