import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { InputError } from '../../lib/base/errors';
import { decodeGrey, decodeRgb } from '../../lib/images/decode';
import { blotches, temporaryFolder, writeFiles } from '../files';

/** Left half red, right half blue. */
async function halves(width: number, height: number): Promise<sharp.Sharp> {
  const half = { create: { width: Math.ceil(width / 2), height, channels: 3 as const, background: '#0000ff' } };
  return sharp({ create: { width, height, channels: 3, background: '#ff0000' } }).composite([
    { input: await sharp(half).png().toBuffer(), left: Math.floor(width / 2), top: 0 },
  ]);
}

test('an image comes out as size x size x 3 values, red first', async () => {
  const pixels = await decodeRgb(await (await halves(64, 64)).png().toBuffer(), 8);
  assert.equal(pixels.length, 8 * 8 * 3);
  assert.equal(Object.getPrototypeOf(pixels), Uint8Array.prototype);
  assert.deepEqual([...pixels.slice(0, 3)], [255, 0, 0]);
  assert.deepEqual([...pixels.slice(21, 24)], [0, 0, 255]);
});

test('what is not square is cropped around its centre', async () => {
  const wide = await decodeRgb(await (await halves(120, 40)).png().toBuffer(), 10);
  assert.deepEqual([...wide.slice(0, 3)], [255, 0, 0]);
  assert.deepEqual([...wide.slice(27, 30)], [0, 0, 255]);
});

test('EXIF orientation is applied', async () => {
  const lying = await (await halves(64, 64)).jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer();
  const pixels = await decodeRgb(lying, 8);
  assert.ok(pixels[0] > 200 && pixels[21] > 200, 'turned by 90 degrees, red lies on top');
  assert.ok(pixels[7 * 8 * 3 + 2] > 200, 'and blue below');
});

test('transparency is laid on white, grey and CMYK become RGB', async () => {
  const clear = await sharp({ create: { width: 20, height: 20, channels: 4, background: '#00000000' } })
    .png()
    .toBuffer();
  assert.ok((await decodeRgb(clear, 4)).every((value) => value === 255));
  const photo = await blotches(1);
  assert.equal((await decodeRgb(await sharp(photo).greyscale().png().toBuffer(), 16)).length, 768);
  assert.equal((await decodeRgb(await sharp(photo).toColourspace('cmyk').jpeg().toBuffer(), 16)).length, 768);
  assert.equal((await decodeGrey(photo, 16)).length, 256);
});

test('a file and its bytes decode alike', async (context) => {
  const folder = temporaryFolder(context);
  const photo = await blotches(2);
  writeFiles(folder, { 'a.jpg': photo });
  assert.deepEqual(await decodeRgb(path.join(folder, 'a.jpg'), 32), await decodeRgb(photo, 32));
});

test('a file that cannot be decoded is named, with the reason, in one line', async (context) => {
  const folder = temporaryFolder(context);
  const photo = await blotches(3);
  const png = await sharp(photo).png().toBuffer();
  const huge = await sharp({ create: { width: 8000, height: 7000, channels: 3, background: '#fff' } })
    .jpeg({ progressive: true })
    .toBuffer();
  const bad: Record<string, readonly [Buffer, RegExp]> = {
    'empty.jpg': [Buffer.alloc(0), /is empty \(0 bytes\)/],
    'text.jpg': [Buffer.from('hello, I am no image'), /not an image that can be read, expected JPEG/],
    'cut.jpg': [photo.subarray(0, photo.length / 2), /truncated/],
    'cut-at-the-end.jpg': [photo.subarray(0, photo.length - 20), /truncated/],
    'header.jpg': [photo.subarray(0, 60), /truncated/],
    'cut.png': [png.subarray(0, png.length / 2), /truncated/],
    'phone.jpg': [
      Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic, whatever its name says'),
      /HEIC, which cannot be read here; convert it to JPEG/,
    ],
    'paint.bmp': [Buffer.from('BM and so on'), /BMP, which cannot be read here; convert it to JPEG or PNG/],
    'huge.jpg': [huge, /too large, expected at most 50 megapixels/],
  };
  for (const [name, [bytes, reason]] of Object.entries(bad)) {
    writeFiles(folder, { [name]: bytes });
    const file = path.join(folder, name);
    await assert.rejects(decodeRgb(file, 32), (error: unknown) => {
      assert.ok(error instanceof InputError, `${name}: ${error}`);
      assert.ok(error.message.startsWith(`${file}: `), error.message);
      assert.match(error.message, reason);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
  }
  await assert.rejects(decodeRgb(path.join(folder, 'none.jpg'), 32), /none\.jpg: no such file/);
  await assert.rejects(decodeRgb(folder, 32), /a folder, expected an image file/);
});
