import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { InputError } from '../../lib/base/errors';
import { HALVES, readLayersFolder } from '../../lib/model/layers-folder';
import { buildMobileNetV2, mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { hashWeights, requireWeights } from '../../lib/model/weights';

let folder = '';
before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'layers-'));
});
after(() => rmSync(folder, { recursive: true }));

/** A model folder with the given weights (name, shape, dtype, quantisation) over random bytes cut into shards. */
function writeModel(name: string, weights: readonly tf.io.WeightsManifestEntry[], shardBytes: readonly number[]): Buffer {
  const target = path.join(folder, name);
  mkdirSync(target);
  const paths = shardBytes.map((_, index) => `group1-shard${index + 1}of${shardBytes.length}.bin`);
  const total = shardBytes.reduce((sum, bytes) => sum + bytes, 0);
  const bytes = Buffer.from(Array.from({ length: total }, (_, index) => (index % 4 === 3 ? 0x3c : (index * 37) % 251)));
  let offset = 0;
  for (const [index, shard] of shardBytes.entries()) {
    writeFileSync(path.join(target, paths[index]), bytes.subarray(offset, offset + shard));
    offset += shard;
  }
  const model = { format: 'layers-model', modelTopology: {}, weightsManifest: [{ paths, weights }] };
  writeFileSync(path.join(target, 'model.json'), JSON.stringify(model));
  return bytes;
}

const MIXED: tf.io.WeightsManifestEntry[] = [
  { name: 'Conv/kernel', shape: [2, 3], dtype: 'float32' },
  { name: 'Conv/bias', shape: [4], dtype: 'float32', quantization: { dtype: 'float16' } },
  { name: 'age/kernel', shape: [8], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.25, min: -3 } },
  { name: 'age/bias', shape: [2, 2], dtype: 'float32', quantization: { dtype: 'uint16', scale: 0.001, min: 7 } },
];

test('weights in every encoding and over several shards are read as tfjs itself reads them', async () => {
  const bytes = writeModel('mixed', MIXED, [10, 21, 17]);
  const ours = await readLayersFolder(path.join(folder, 'mixed'));
  await tf.setBackend('cpu');
  const theirs = tf.io.decodeWeights(new Uint8Array(bytes).buffer, MIXED);
  assert.deepEqual(Object.keys(ours), Object.keys(theirs));
  for (const [name, tensor] of Object.entries(theirs)) {
    assert.deepEqual(ours[name].shape, tensor.shape);
    assert.deepEqual(ours[name].values, tensor.dataSync(), name);
    tensor.dispose();
  }
});

test('nested, numbered and TensorFlow-style names lose what is not layer and weight', async () => {
  const names = ['face/mobilenet/Conv/kernel:0', 'Conv/bias_1', 'expanded_conv_1_depthwise/depthwise_kernel'];
  writeModel(
    'nested',
    names.map((name) => ({ name, shape: [1], dtype: 'float32' as const })),
    [12],
  );
  const weights = await readLayersFolder(path.join(folder, 'nested'));
  assert.deepEqual(Object.keys(weights), ['Conv/kernel', 'Conv/bias', 'expanded_conv_1_depthwise/depthwise_kernel']);
});

test('half precision is read to the last of its 65,536 values', () => {
  assert.equal(HALVES[0x0001], 2 ** -24);
  assert.equal(HALVES[0x3c00], 1);
  assert.equal(HALVES[0xc000], -2);
  assert.equal(HALVES[0x7bff], 65504);
  assert.equal(HALVES[0xfc00], Number.NEGATIVE_INFINITY);
  assert.ok(Number.isNaN(HALVES[0x7e00]));
});

test('what is not a readable LayersModel folder gets one line that names the file', async () => {
  const reading = (name: string) => readLayersFolder(path.join(folder, name));
  const complaint = (pattern: RegExp) => (error: unknown) =>
    error instanceof InputError && pattern.test(error.message) && !error.message.includes('\n');
  await assert.rejects(reading('nowhere'), complaint(/nowhere: no such folder/));
  mkdirSync(path.join(folder, 'empty'));
  await assert.rejects(reading('empty'), complaint(/empty: no model\.json/));
  writeModel('broken', MIXED, [48]);
  writeFileSync(path.join(folder, 'broken', 'model.json'), '{"weightsManifest": [');
  await assert.rejects(reading('broken'), complaint(/broken\/model\.json: cannot be read as JSON/));
  writeFileSync(path.join(folder, 'broken', 'model.json'), '[1, 2]');
  await assert.rejects(reading('broken'), complaint(/broken\/model\.json: weightsManifest: .*expected.*LayersModel/i));
  writeFileSync(path.join(folder, 'broken', 'model.json'), '{"weightsManifest": [{"paths": ["a.bin"], "weights": [{"name": 3}]}]}');
  await assert.rejects(reading('broken'), complaint(/weightsManifest\.0\.weights\.0\.name: .*string/));
  writeFileSync(path.join(folder, 'broken', 'model.json'), '{"weightsManifest": [{"paths": ["../a.bin"], "weights": []}]}');
  await assert.rejects(reading('broken'), complaint(/\.\.\/a\.bin lies outside/));
  writeFileSync(path.join(folder, 'broken', 'model.json'), '{"weightsManifest": [], "format": "graph-model"}');
  await assert.rejects(reading('broken'), complaint(/"graph-model", expected "layers-model"/));
  writeModel('short', MIXED, [10, 20, 17]);
  await assert.rejects(reading('short'), complaint(/shard1of3\.bin \+ .*: 47 bytes, expected 48/));
  writeModel('shardless', MIXED, [10, 38]);
  rmSync(path.join(folder, 'shardless', 'group1-shard2of2.bin'));
  await assert.rejects(reading('shardless'), complaint(/group1-shard2of2\.bin: cannot be read/));
  writeModel('strange', [{ name: 'label', shape: [1], dtype: 'string' }], [4]);
  await assert.rejects(reading('strange'), complaint(/weight label is of type string/));
});

test('a weight that is missing, of another shape or not finite is named with its file', () => {
  const shapes = { 'Conv/kernel': [3, 3, 3, 32], 'Conv/bias': [32] };
  const bias = { shape: [32], values: new Float32Array(32) };
  const kernel = { shape: [3, 3, 3, 32], values: new Float32Array(864) };
  const weights = requireWeights({ 'age/bias': bias, 'Conv/bias': bias, 'Conv/kernel': kernel }, shapes, 'w');
  assert.deepEqual(Object.keys(weights), ['Conv/kernel', 'Conv/bias']);
  assert.throws(
    () => requireWeights({ 'Conv/kernel': kernel }, shapes, 'my/w.h5'),
    /my\/w\.h5: the weight Conv\/bias is missing.*shape 32/,
  );
  const narrow = { shape: [3, 3, 3, 16], values: new Float32Array(432) };
  assert.throws(
    () => requireWeights({ 'Conv/kernel': narrow, 'Conv/bias': bias }, shapes, 'w'),
    /w: the weight Conv\/kernel has the shape 3x3x3x16, expected 3x3x3x32/,
  );
  const empty = { shape: [32], values: new Float32Array(0) };
  assert.throws(
    () => requireWeights({ 'Conv/kernel': kernel, 'Conv/bias': empty }, shapes, 'w'),
    /Conv\/bias holds 0 floating-point numbers, expected 32/,
  );
  const infinite = { shape: [32], values: new Float32Array(32).fill(Number.NaN, 5, 6) };
  assert.throws(() => requireWeights({ 'Conv/kernel': kernel, 'Conv/bias': infinite }, shapes, 'w'), /Conv\/bias holds NaN at 5/);
});

test('the hash of weights follows names, shapes and values, not their order', () => {
  const [first, second] = [
    { shape: [2], values: new Float32Array([1, 2]) },
    { shape: [1], values: new Float32Array([3]) },
  ];
  const hash = hashWeights({ a: first, b: second });
  assert.equal(hash, hashWeights({ b: second, a: first }));
  assert.notEqual(hash, hashWeights({ a: first, b: { shape: [1], values: new Float32Array([4]) } }));
  assert.notEqual(hash, hashWeights({ a: { shape: [1, 2], values: first.values }, b: second }));
});

test('the table of expected weights is the one of the network that is built', () => {
  const built = buildMobileNetV2(64);
  const shapes = Object.fromEntries(built.weights.map((weight) => [weight.originalName, weight.shape]));
  assert.deepEqual(mobileNetV2Shapes(), shapes);
  built.dispose();
});
