import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { resolvePretrained } from '../../lib/model/pretrained';
import { hashWeights } from '../../lib/model/weights';
import { fetchKerasFile } from '../../lib/tools/cli/download';
import { writeLayersFolder } from '../../lib/tools/download/keras-h5';
import { startBadServer } from '../bad-server';
import { referencePath } from '../reference/reference';
import { seededBase, seededHeads } from '../reference/seeded-weights';

const base = seededBase();
let dataFolder = '';

beforeEach(() => {
  dataFolder = mkdtempSync(path.join(os.tmpdir(), 'pretrained-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true }));

function complaint(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof InputError && pattern.test(error.message) && !error.message.includes('\n');
}

test('the bundled model lends its base, and only that, where nothing else is found', async () => {
  writeLayersFolder(path.join(dataFolder, 'model'), { ...base, ...seededHeads() });
  const found = await resolvePretrained({ dataFolder });
  assert.equal(found.kind, 'bundled');
  assert.equal(found.label, 'the bundled model');
  assert.equal(found.sha256, hashWeights(base));
  assert.deepEqual(Object.keys(found.weights), Object.keys(base));
});

test("weights below data/weights come before the bundled model, and the person's own before those", async () => {
  writeLayersFolder(path.join(dataFolder, 'model'), base);
  writeLayersFolder(path.join(dataFolder, 'weights', 'imagenet', '224'), {
    ...base,
    'Conv/bias': { shape: [32], values: new Float32Array(32) },
  });
  const found = await resolvePretrained({ dataFolder });
  assert.deepEqual([found.kind, found.label], ['imagenet', 'data/weights/imagenet/224']);
  assert.notEqual(found.sha256, hashWeights(base));
  writeLayersFolder(path.join(dataFolder, 'own'), base);
  const own = await resolvePretrained({ weights: path.join(dataFolder, 'own'), dataFolder });
  assert.deepEqual([own.kind, own.label, own.sha256], ['imagenet', 'own', hashWeights(base)]);
});

test('the word bundled takes the bundled model whatever else is there, and the word download what was fetched', async () => {
  writeLayersFolder(path.join(dataFolder, 'model'), { ...base, ...seededHeads() });
  writeLayersFolder(path.join(dataFolder, 'elsewhere', 'imagenet'), base);
  symlinkSync(path.join(dataFolder, 'elsewhere'), path.join(dataFolder, 'weights'));
  const kindOf = async (weights?: string) => (await resolvePretrained({ weights, dataFolder })).kind;
  assert.deepEqual([await kindOf('bundled'), await kindOf('download'), await kindOf()], ['bundled', 'imagenet', 'imagenet']);
});

test('a Keras file is no folder of weights: the command that imports it is named, and no other weights stand in for it', async () => {
  writeLayersFolder(path.join(dataFolder, 'model'), base);
  mkdirSync(path.join(dataFolder, 'weights'));
  const file = path.join(dataFolder, 'weights', 'narrow.h5');
  copyFileSync(referencePath('legacy.h5'), file);
  await assert.rejects(resolvePretrained({ dataFolder }), complaint(/narrow\.h5: not imported yet\. Run: npm run download -- weights /));
  assert.equal((await resolvePretrained({ weights: 'bundled', dataFolder })).kind, 'bundled');
  const offer = /narrow\.h5: a file, expected .* --weights ".*narrow\.h5" on .*: npm run download -- weights --from ".*narrow\.h5"$/;
  await assert.rejects(resolvePretrained({ weights: file, dataFolder }), complaint(offer));
});

test('what a process that died left half-written in data/weights is not taken, nor what is hidden there', async () => {
  writeLayersFolder(path.join(dataFolder, 'model'), base);
  writeLayersFolder(path.join(dataFolder, 'weights', 'imagenet.4000000-0123abcd.part'), base);
  writeLayersFolder(path.join(dataFolder, 'weights', '.imported', 'mine'), base);
  assert.equal((await resolvePretrained({ dataFolder })).kind, 'bundled');
});

test('weights that are named and do not fit are never replaced by others', async () => {
  writeLayersFolder(path.join(dataFolder, 'model'), base);
  const own = path.join(dataFolder, 'own');
  const resolve = (weights: string) => resolvePretrained({ weights, dataFolder });
  await assert.rejects(resolve(own), complaint(/own: no such folder/));
  const { 'Conv_1/kernel': _, ...incomplete } = base;
  writeLayersFolder(own, incomplete);
  await assert.rejects(resolve(own), complaint(/own: the weight Conv_1\/kernel is missing, expected one of shape 1x1x320x1280/));
  writeFileSync(path.join(dataFolder, 'weights.txt'), 'x');
  await assert.rejects(
    resolve(path.join(dataFolder, 'weights.txt')),
    complaint(/weights\.txt: a file, expected a tfjs LayersModel folder/),
  );
});

test('without any weights the one command that fetches them is named', async () => {
  await assert.rejects(resolvePretrained({ dataFolder }), complaint(/No pretrained weights: .* npm run download -- weights/));
});

test('a downloaded file that holds another network is not kept', async () => {
  const server = await startBadServer(readFileSync(referencePath('legacy.h5')));
  const folder = path.join(dataFolder, 'weights');
  await assert.rejects(fetchKerasFile(folder, server.url), complaint(/Conv\/kernel has the shape 3x3x3x16/)).finally(() => server.close());
  const file = path.join(folder, 'mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5');
  assert.ok(!existsSync(file) && !existsSync(`${file}.part`));
});
