import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { mapAhead, mapChunks, mapConcurrent, type Service } from '../../lib/base/parallel';
import { decodeRgb } from '../../lib/images/decode';
import { DECODING } from '../../lib/images/pixel-cache';
import { blotches, temporaryFolder, writeFiles } from '../files';

const SIZE_PX = 8;

/** So many paths that processes are started: three pictures, again and again. */
async function manyFiles(context: TestContext): Promise<readonly string[]> {
  const folder = temporaryFolder(context);
  writeFiles(folder, { 'a.png': await blotches(1), 'b.png': await blotches(2), 'c.png': await blotches(3) });
  return Array.from({ length: 700 }, (_, index) => path.join(folder, `${'abc'[index % 3]}.png`));
}

async function decodeAll(files: readonly string[]): Promise<readonly Uint8Array[]> {
  const bytes = 3 * SIZE_PX * SIZE_PX;
  const images: Uint8Array[] = [];
  for await (const pixels of mapChunks(DECODING, files, ({ decodeFiles }, chunk) => decodeFiles(chunk, SIZE_PX))) {
    for (let start = 0; start < pixels.length; start += bytes) images.push(pixels.slice(start, start + bytes));
  }
  return images;
}

test('processes decode many files as this one decodes each', async (context) => {
  const files = await manyFiles(context);
  const images = await decodeAll(files);
  assert.equal(images.length, files.length);
  const expected = await Promise.all(files.slice(0, 3).map((file) => decodeRgb(file, SIZE_PX)));
  for (const [index, image] of images.entries()) assert.deepEqual(image, expected[index % 3]);
});

test('what is wrong with a file is said as it is without processes', async (context) => {
  const files = [...(await manyFiles(context))];
  files[600] = path.join(path.dirname(files[0]), 'gone.png');
  await assert.rejects(decodeAll(files), (error) => error instanceof InputError && /gone\.png: no such file/.test(error.message));
});

test('a process that dies is an error, and nobody waits for it', async () => {
  const script = 'test/dying-process.ts';
  const dying: Service<{ die: () => Promise<void> }> = { script, functions: { die: async () => assert.fail('not here') } };
  const items = Array.from({ length: 700 }, (_, index) => index);
  const first = () => mapChunks(dying, items, ({ die }) => die()).next();
  await assert.rejects(first, /exit|terminated/i);
});

test('of many calls a bounded number is at work; results come in order, and nothing is begun after a failure', async () => {
  let [atWork, most] = [0, 0];
  const squares = await mapConcurrent([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++atWork);
    await new Promise((resolve) => setImmediate(resolve));
    atWork--;
    return item * item;
  });
  assert.deepEqual([squares, most], [[1, 4, 9, 16, 25, 36, 49], 3]);
  const begun: number[] = [];
  const failing = mapConcurrent([1, 2, 3, 4, 5, 6, 7], 2, async (item) => {
    begun.push(item);
    await new Promise((resolve) => setImmediate(resolve));
    assert.notEqual(item, 3, 'a failure');
  });
  await assert.rejects(failing, /a failure/);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(begun, [1, 2, 3, 4]);
});

test('a bounded number is begun ahead of what is taken, results come in order, and a failure in its turn', async () => {
  const begun: number[] = [];
  const answers = mapAhead([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item);
    await new Promise((resolve) => setTimeout(resolve, 10 - item));
    assert.notEqual(item, 4, 'a failure');
    return 10 * item;
  });
  const taken: [number, number][] = [];
  const taking = async () => {
    for await (const answer of answers) taken.push([answer, begun.length]);
  };
  await assert.rejects(taking, /a failure/);
  assert.deepEqual(taken, [
    [10, 3],
    [20, 4],
    [30, 5],
  ]);
});
