/** Decoded pixels on disk: found again while they are whole, made anew where the disk lost or changed a part. */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { ProgressUpdate } from '../../lib/base/progress';
import { decodeRgb } from '../../lib/images/decode';
import { openPixelCache } from '../../lib/images/pixel-cache';
import { blotches, temporaryFolder, writeFiles } from '../files';

const SIZE_PX = 16;

test('cached pixels are made anew where a byte changed, a part is cut off, or holes were left', async (context) => {
  const folder = temporaryFolder(context);
  const mark = Buffer.from(randomUUID()); // behind the image's end: files that no other test has in the project's cache
  const files = Object.fromEntries(await Promise.all([1, 2, 3, 4, 5].map(async (seed) => [`${seed}.jpg`, await blotches(seed)] as const)));
  writeFiles(folder, files);
  const images = Object.entries(files).map(([file, bytes]) => ({
    file,
    sha256: createHash('sha256').update(bytes).update(mark).digest('hex'),
  }));
  const updates: ProgressUpdate[] = [];
  const open = () => openPixelCache(folder, images, SIZE_PX, (update) => updates.push(update));
  const expected = await Promise.all(images.map(({ file }) => decodeRgb(path.join(folder, file), SIZE_PX)));

  const first = await open();
  context.after(() => rmSync(first.path));
  first.close();
  const whole = readFileSync(first.path);
  const change = (place: number, content: Buffer) => {
    const file = openSync(first.path, 'r+');
    writeSync(file, content, 0, content.length, place);
    closeSync(file);
  };
  const damages: Record<string, () => void> = {
    nothing: () => undefined,
    'a byte': () => change(1000, Buffer.from([whole[1000] ^ 1])),
    'a cut in the middle': () => truncateSync(first.path, Math.floor(whole.length / 2)),
    'a hole of the same size': () => change(3 * SIZE_PX * SIZE_PX, Buffer.alloc(3 * SIZE_PX * SIZE_PX)),
    'a checksum': () => change(whole.length - 1, Buffer.from([whole[whole.length - 1] ^ 1])),
  };
  for (const [damage, spoil] of Object.entries(damages)) {
    writeFileSync(first.path, whole);
    spoil();
    updates.length = 0;
    const cache = await open();
    assert.deepEqual(updates.length > 0, damage !== 'nothing', damage);
    assert.ok(Buffer.concat(expected).equals(cache.read(images)), damage);
    cache.close();
  }
});
