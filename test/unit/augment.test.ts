import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { type Random, seededRandom } from '../../lib/base/random';
import { type Augmentation, NO_AUGMENTATION } from '../../lib/config';
import type { FaceRecord } from '../../lib/data/record';
import { augment } from '../../lib/images/augment';
import { AugmentedImages } from '../../lib/images/augmented';
import { mixUp, mixupShares } from '../../lib/images/mixup';
import { mirror } from '../../lib/images/photo';
import { PixelCache } from '../../lib/images/pixel-cache';

const SIZE = 48;
const ALL: Augmentation = {
  ...NO_AUGMENTATION,
  cropPx: 32,
  zoom: 0.2,
  rotationDegrees: 20,
  flip: true,
  contrast: 0.3,
  brightness: 0.2,
  saturation: 0.4,
  stretch: 0.1,
  grey: 0.2,
  gamma: 0.3,
  cast: 0.1,
  camera: 0.5,
  erasing: 0.5,
};
const folder = mkdtempSync(path.join(os.tmpdir(), 'augment-'));
after(() => rmSync(folder, { recursive: true }));

/** A picture whose pixels say where they are: red is the column, green the row. */
function ramp(sizePx: number): Uint8Array {
  const pixels = new Uint8Array(3 * sizePx * sizePx);
  for (let y = 0; y < sizePx; y++) for (let x = 0; x < sizePx; x++) pixels.set([4 * x, 4 * y, 90], 3 * (y * sizePx + x));
  return pixels;
}

function always(value: number): Random {
  return () => value;
}

test('a crop without anything else is a part of the picture, pixel for pixel', async () => {
  const cut = await augment(ramp(SIZE), SIZE, { ...NO_AUGMENTATION, cropPx: 32 }, always(0.5));
  const offset = Math.floor(0.5 * (SIZE - 32 + 1));
  assert.deepEqual([...cut.subarray(0, 3)], [4 * offset, 4 * offset, 90]);
  assert.deepEqual([...cut.subarray(-3)], [4 * (offset + 31), 4 * (offset + 31), 90]);
});

test('crops reach every corner and never beyond', async () => {
  const seen = new Set<number>();
  const random = seededRandom(1);
  for (let count = 0; count < 400; count++) seen.add((await augment(ramp(SIZE), SIZE, { ...NO_AUGMENTATION, cropPx: 32 }, random))[0] / 4);
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    Array.from({ length: SIZE - 32 + 1 }, (_, index) => index),
  );
});

test('zoom scales smoothly: a ramp stays a ramp, of another slope', async () => {
  const near = await augment(ramp(SIZE), SIZE, { ...NO_AUGMENTATION, cropPx: 32, zoom: 0.5 }, always(0));
  const reds = Array.from({ length: 32 }, (_, x) => near[3 * x]);
  const slope = (reds[28] - reds[4]) / 24;
  assert.ok(Math.abs(slope - 4 * 0.5) < 0.1, `a cut of half the side has half the slope: ${slope}`);
  assert.ok(reds.every((red, x) => x === 0 || red >= reds[x - 1]));
});

test('a quarter turn makes columns of rows, about the centre', async () => {
  const whole = { ...NO_AUGMENTATION, cropPx: 32, rotationDegrees: 90 };
  const turned = await augment(ramp(32), 32, whole, always(1 - 2 ** -53));
  for (const [x, y] of [
    [0, 0],
    [31, 0],
    [5, 20],
  ]) {
    const [red, green] = turned.subarray(3 * (y * 32 + x));
    assert.ok(Math.abs(red - 4 * (31 - y)) <= 1 && Math.abs(green - 4 * x) <= 1, `${x}, ${y}: ${red}, ${green}`);
  }
});

test('a stretched view is wider and less high about its centre, by the same factor', async () => {
  const stretched = await augment(ramp(32), 32, { ...NO_AUGMENTATION, cropPx: 32, stretch: Math.log(2) }, always(1 - 2 ** -53));
  const at = (x: number, y: number) => stretched.subarray(3 * (y * 32 + x), 3 * (y * 32 + x) + 2);
  const [left, right, upper, lower] = [at(12, 16)[0], at(20, 16)[0], at(16, 12)[1], at(16, 20)[1]];
  assert.ok(Math.abs(right - left - 4 * 8 * 0.5) <= 1, `across: ${right - left}`);
  assert.ok(Math.abs(lower - upper - 4 * 8 * 2) <= 1, `down: ${lower - upper}`);
});

test('a view may be mirrored', async () => {
  const flipped = await augment(ramp(32), 32, { ...NO_AUGMENTATION, cropPx: 32, flip: true }, always(0));
  const expected = ramp(32);
  mirror(expected, 32);
  assert.deepEqual(flipped, expected);
});

test('saturation moves colours away from grey, and greys not at all', async () => {
  const strong = { ...NO_AUGMENTATION, cropPx: 32, saturation: 1 };
  const grey = new Uint8Array(3 * 32 * 32).fill(77);
  assert.deepEqual(await augment(grey, 32, strong, always(1 - 2 ** -53)), grey);
  const colour = Uint8Array.from(grey, (_, index) => [120, 60, 60][index % 3]);
  const without = await augment(colour, 32, strong, always(0));
  assert.equal(new Set(without).size, 1, 'all colour taken away');
  assert.equal(without[0], Math.round(0.299 * 120 + 0.701 * 60));
  const [red, green] = await augment(colour, 32, strong, always(1 - 2 ** -53));
  assert.ok(red > 150 && green < 50);
});

test('gamma bends shades between black and white, a cast gives each channel a gain of its own, and grey takes all colour away', async () => {
  const colour = new Uint8Array(3 * 32 * 32).map((_, index) => [128, 255, 0][index % 3]);
  const last = always(1 - 2 ** -53);
  const darker = await augment(colour, 32, { ...NO_AUGMENTATION, cropPx: 32, gamma: 0.5 }, last);
  assert.deepEqual([...darker.subarray(0, 3)], [Math.round(255 * (128 / 255) ** Math.exp(0.5)), 255, 0]);
  const random = seededRandom(5);
  const white = await augment(new Uint8Array(3 * 32 * 32).fill(200), 32, { ...NO_AUGMENTATION, cropPx: 32, cast: 0.2 }, random);
  assert.equal(new Set(white.subarray(0, 3)).size, 3);
  assert.ok(white.every((shade) => shade >= 160 && shade <= 240));
  const grey = await augment(colour, 32, { ...NO_AUGMENTATION, cropPx: 32, grey: 1 }, last);
  assert.equal(new Set(grey).size, 1);
});

test('a Buffer is mirrored as any other bytes', async () => {
  const image = new Uint8Array(3 * 4 * 4).map((_, index) => index);
  const buffer = Buffer.from(image);
  mirror(image, 4);
  mirror(buffer, 4);
  assert.deepEqual([...buffer], [...image]);
});

test('mirroring twice gives the picture back', async () => {
  const image = ramp(SIZE);
  mirror(image, SIZE);
  assert.equal(image[0], 4 * (SIZE - 1));
  mirror(image, SIZE);
  assert.deepEqual(image, ramp(SIZE));
});

test('contrast turns around middle grey, brightness moves all, and shades stay in range', async () => {
  const grey = new Uint8Array(3 * 32 * 32).fill(128);
  const bright = await augment(grey, 32, { ...NO_AUGMENTATION, cropPx: 32, brightness: 0.1 }, always(1 - 1e-9));
  assert.ok(Math.abs(bright[0] - (128 + 25.5)) <= 1);
  const white = await augment(
    new Uint8Array(3 * 32 * 32).fill(250),
    32,
    { ...NO_AUGMENTATION, cropPx: 32, contrast: 0.5 },
    always(1 - 1e-9),
  );
  assert.equal(white[0], 255);
});

test('erasing covers one rectangle of two to twenty per cent', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const erased = await augment(ramp(32), 32, { ...NO_AUGMENTATION, cropPx: 32, erasing: 1 }, seededRandom(seed));
    const plain = await augment(ramp(32), 32, { ...NO_AUGMENTATION, cropPx: 32 }, seededRandom(seed));
    let changed = 0;
    for (let at = 0; at < erased.length; at += 3) if ([0, 1, 2].some((channel) => erased[at + channel] !== plain[at + channel])) changed++;
    assert.ok(changed > 0.01 * 1024 && changed < 0.22 * 1024, `${changed} of 1024 pixels`);
  }
});

test('mixup moves each row towards the next one, and the last towards the first', async () => {
  const shares = Float32Array.of(0.5, 0, 0.25);
  assert.deepEqual(mixUp(Float32Array.of(10, 20, 30, 40, 50, 60), shares), Float32Array.of(20, 30, 30, 40, 40, 50));
  assert.deepEqual(mixUp(Uint8Array.of(0, 255, 3), shares), Uint8Array.of(128, 255, 2));
  const drawn = mixupShares([{ sha256: 'a' }, { sha256: 'b' }], 0.4, 1, 'epoch 1');
  assert.deepEqual(mixupShares([{ sha256: 'a' }, { sha256: 'b' }], 0.4, 1, 'epoch 1'), drawn);
  assert.ok(drawn[0] !== drawn[1] && drawn.every((share) => share >= 0 && share < 0.4));
});

test('a worker makes the same batches as this thread would, whatever was asked before', async () => {
  const records: FaceRecord[] = Array.from({ length: 10 }, (_, index) => ({
    file: `${index}.jpg`,
    sha256: `hash ${index}`,
    ageYears: 30,
    gender: 0,
    race: 0,
  }));
  const file = path.join(folder, 'pixels.u8');
  const random = seededRandom(5);
  writeFileSync(
    file,
    Uint8Array.from({ length: 10 * 3 * SIZE * SIZE }, () => 256 * random()),
  );
  const images = new PixelCache(SIZE, records, file);
  const collect = async (from: number, pass: string, augmentation = ALL) => {
    const augmented = new AugmentedImages(images, augmentation, 1);
    const batches: Uint8Array[] = [];
    const wanted = [0, 1, 2, 3, 4, 5, 6].slice(from).map((index) => records.slice(index, index + 3));
    for await (const batch of augmented.batches(wanted, pass)) batches.push(batch);
    await augmented.close();
    return batches;
  };
  const whole = await collect(0, 'epoch 1');
  assert.equal(whole.length, 7);
  assert.deepEqual(await collect(4, 'epoch 1'), whole.slice(4), 'a pass that goes on draws the same');
  assert.notDeepEqual(await collect(0, 'epoch 2'), whole, 'another pass draws anew');
  assert.deepEqual(
    whole[1].subarray(0, 3 * 32 * 32),
    whole[0].subarray(3 * 32 * 32, 2 * 3 * 32 * 32),
    'an image is seen alike in any batch',
  );
  const [blended] = await collect(0, 'epoch 1', { ...ALL, mixup: 0.4 });
  assert.deepEqual(blended, mixUp(whole[0].slice(), mixupShares(records.slice(0, 3), 0.4, 1, 'epoch 1')));
  images.close();
});

test('a worker that fails says so to who waits for its batch', async () => {
  const [record] = [{ file: 'a.jpg', sha256: 'a', ageYears: 30, gender: 0 as const, race: 0 as const }];
  const file = path.join(folder, 'short.u8');
  writeFileSync(file, new Uint8Array(100));
  const images = new PixelCache(SIZE, [record], file);
  const augmented = new AugmentedImages(images, ALL, 1);
  await assert.rejects(async () => {
    for await (const _ of augmented.batches([[record]], 'epoch 1')) assert.fail('no batch was expected');
  }, /expected 6912 bytes, got 100/);
  await augmented.close();
  images.close();
});

test('a process that opened augmented images and failed before the first batch ends, though nobody closed them', async () => {
  const file = path.join(folder, 'one.u8');
  writeFileSync(file, new Uint8Array(3 * SIZE * SIZE));
  const script = `
    const { AugmentedImages } = require('./lib/images/augmented');
    const { PixelCache } = require('./lib/images/pixel-cache');
    new AugmentedImages(new PixelCache(${SIZE}, [], ${JSON.stringify(file)}), ${JSON.stringify(ALL)}, 1);
    console.log('opened');`;
  const run = () =>
    execFileSync(process.execPath, ['--import', 'tsx', '--eval', script], { cwd: projectPath(), encoding: 'utf8', timeout: 30_000 });
  assert.equal(run(), 'opened\n');
});
