import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readSafetensors, writeSafetensors } from '../../lib/training/checkpoint';
import { temporaryFolder } from '../files';

const ARRAYS = {
  'age/kernel': { shape: [2, 1], values: Float32Array.of(1.5, -2) },
  'age/bias': { shape: [1], values: Float32Array.of(0.25) },
};

test('arrays and metadata come back as they were written', async (context) => {
  const file = path.join(temporaryFolder(context), 'state.safetensors');
  await writeSafetensors(file, ARRAYS, { epoch: '3' });
  assert.deepEqual(readSafetensors(file), { arrays: ARRAYS, metadata: { epoch: '3' } });
  assert.deepEqual(readSafetensors(file, { metadataOnly: true }), { arrays: {}, metadata: { epoch: '3' } });
});

test('the file is laid out as the format says: length, padded header, little-endian values', async (context) => {
  const file = path.join(temporaryFolder(context), 'state.safetensors');
  await writeSafetensors(file, ARRAYS, {});
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  assert.equal(length % 8, 0);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  assert.deepEqual(header['age/bias'], { dtype: 'F32', shape: [1], data_offsets: [8, 12] });
  assert.equal(bytes.readFloatLE(8 + length + 8), 0.25);
});

test('a file that is cut short is refused by name, also where only its metadata are asked for', async (context) => {
  const file = path.join(temporaryFolder(context), 'state.safetensors');
  await writeSafetensors(file, ARRAYS, {});
  writeFileSync(file, readFileSync(file).subarray(0, -2));
  for (const metadataOnly of [false, true])
    assert.throws(
      () => readSafetensors(file, { metadataOnly }),
      /state\.safetensors: not a complete safetensors file .*train the session again/,
    );
});
