/** Whatever lies in a folder of photos is read or has a reason, soon, and in little memory. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { InputError } from '../../lib/base/errors';
import { decodeRgb, openPhoto } from '../../lib/images/decode';
import { sampleFace, temporaryFolder } from '../files';
import { type OddFile, writeOddFiles } from '../odd-files';

const MOST_SECONDS = 10;
/** Beyond what the process holds before it. */
const MOST_MEGABYTES = 300;
/** Of 255, on average: what lossy formats and colour spaces change. */
const ALIKE = 6;

test('odd and hostile files are read, or refused with a reason', async (context) => {
  const folder = temporaryFolder(context);
  const photo = await sampleFace(112);
  const files = await writeOddFiles(folder, photo);
  assert.ok(files.length >= 60, `${files.length} files`);
  const expected = await decodeRgb(photo, 32);
  for (const file of files) await context.test(JSON.stringify(file.name), () => check(path.join(folder, file.name), file, expected));
});

async function check(place: string, { name, outcome, size, looksAlike }: OddFile, expected: Uint8Array): Promise<void> {
  const beganMs = performance.now();
  const before = resetPeak();
  const photo = await answerOf(openPhoto(place));
  const square = await answerOf(decodeRgb(place, 32));
  const [seconds, megabytes] = [(performance.now() - beganMs) / 1000, peak() - before];
  assert.ok(seconds < MOST_SECONDS, `${name} took ${seconds.toFixed(1)} s`);
  assert.ok(megabytes < MOST_MEGABYTES, `${name} took ${megabytes} MB`);
  if (outcome === 'read') {
    assert.ok(typeof photo !== 'string' && typeof square !== 'string', `${name}: ${photo}, ${square}`);
    if (size) assert.deepEqual([photo.widthPx, photo.heightPx], size);
    const [{ widthPx, heightPx, pixels }] = photo.levels;
    assert.equal(pixels.length, 3 * widthPx * heightPx);
    const difference = square.reduce((sum, value, index) => sum + Math.abs(value - expected[index]), 0) / square.length;
    if (looksAlike) assert.ok(difference < ALIKE, `${name} differs by ${difference}`);
  } else
    for (const answer of [photo, square]) {
      assert.ok(typeof answer === 'string', `${name} was read`);
      assert.ok(answer.startsWith(`${place}: `) && !answer.slice(place.length).includes('\n'), answer);
      assert.match(answer.slice(place.length + 2), outcome);
    }
}

/** What comes of it, or the words of an InputError. */
function answerOf<T>(work: Promise<T>): Promise<T | string> {
  return work.catch((error: unknown) => {
    if (error instanceof InputError) return error.message;
    throw error;
  });
}

/** Linux forgets the most memory that the process ever held; returns what it holds now, in MB. */
function resetPeak(): number {
  writeFileSync('/proc/self/clear_refs', '5');
  return peak();
}

function peak(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}

test('a photo comes upright out of every orientation, small or large', async () => {
  // Dark in one corner of an upright photo: a photo lying in any way shows it there once it is read.
  const dark = { input: { create: { width: 30, height: 20, channels: 3 as const, background: '#000' } }, left: 0, top: 0 };
  const upright = sharp({ create: { width: 90, height: 60, channels: 3, background: '#fff' } }).composite([dark]);
  const pixels = await upright.removeAlpha().raw().toBuffer();
  // The opposite of what a reader has to do: EXIF 2.3, tag 0x0112.
  const ways: readonly ((image: sharp.Sharp) => sharp.Sharp)[] = [
    (image) => image,
    (image) => image.flop(),
    (image) => image.rotate(180),
    (image) => image.flip(),
    (image) => image.rotate(270).flop(),
    (image) => image.rotate(270),
    (image) => image.rotate(90).flop(),
    (image) => image.rotate(90),
  ];
  for (let orientation = 1; orientation <= 8; orientation++)
    for (const format of ['jpeg', 'png', 'tiff', 'webp'] as const) {
      const raw = await ways[orientation - 1](sharp(pixels, { raw: { width: 90, height: 60, channels: 3 } }))
        .raw()
        .toBuffer({ resolveWithObject: true });
      const file = await sharp(raw.data, { raw: { width: raw.info.width, height: raw.info.height, channels: 3 } })
        .toFormat(format)
        .withMetadata({ orientation })
        .toBuffer();
      const { levels, widthPx, heightPx } = await openPhoto(file);
      const at = (x: number, y: number) => levels[0].pixels[3 * (y * widthPx + x)];
      assert.deepEqual([widthPx, heightPx], [90, 60], `${format} ${orientation}`);
      assert.ok(at(5, 5) < 60 && at(85, 5) > 200 && at(5, 55) > 200 && at(85, 55) > 200, `${format} ${orientation}`);
    }
});
