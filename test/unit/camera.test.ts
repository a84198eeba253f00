import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { projectPath } from '../../lib/base/project';
import { seededRandom } from '../../lib/base/random';
import { throughCamera } from '../../lib/images/camera';
import { decodeRgb } from '../../lib/images/decode';

const SIZE = 176;
/** As soft as a picture of UTKFace. */
async function portrait(): Promise<Uint8Array> {
  const crisp = await decodeRgb(projectPath('data', 'my image', 'eileen-collins.jpg'), SIZE);
  return sharp(crisp, { raw: { width: SIZE, height: SIZE, channels: 3 } })
    .blur(1.5)
    .raw()
    .toBuffer();
}

/** How much a picture changes from one pixel to the next, on average, in shades: the finer its detail, the more. */
function detail(pixels: Uint8Array): number {
  let sum = 0;
  for (let at = 3; at < pixels.length; at++) sum += Math.abs(pixels[at] - pixels[at - 3]);
  return sum / (pixels.length - 3);
}

function correlation(a: Uint8Array, b: Uint8Array): number {
  const centred = (values: Uint8Array) => {
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Float64Array.from(values, (value) => value - middle);
  };
  const [x, y] = [centred(a), centred(b)];
  const product = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, at) => sum + value * v[at], 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

test('another camera gives another picture of the same size, the same for the same seed, whatever it holds', async () => {
  const image = await portrait();
  const before = image.slice();
  const taken = await throughCamera(image, SIZE, seededRandom(1));
  assert.deepEqual(image, before, 'the picture itself stays');
  assert.equal(taken.length, image.length);
  assert.notDeepEqual(taken, image);
  assert.deepEqual(await throughCamera(image, SIZE, seededRandom(1)), taken);
  assert.notDeepEqual(await throughCamera(image, SIZE, seededRandom(2)), taken);
});

test('cameras make pictures softer and crisper, and none of them another picture', async () => {
  const image = await portrait();
  const details: number[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const taken = await throughCamera(image, SIZE, seededRandom(seed));
    details.push(detail(taken) / detail(image));
    const likeness = correlation(taken, image);
    assert.ok(likeness > 0.85, `seed ${seed}: a correlation of ${likeness.toFixed(3)}`);
  }
  const count = (test: (ratio: number) => boolean) => details.filter(test).length;
  assert.ok(count((ratio) => ratio < 0.9) >= 10, `softer: ${count((ratio) => ratio < 0.9)} of 60`);
  assert.ok(count((ratio) => ratio > 1.1) >= 10, `crisper: ${count((ratio) => ratio > 1.1)} of 60`);
});

test('a picture smaller than any camera has pixels stays as large as it is', async () => {
  const small = new Uint8Array(3 * 32 * 32).fill(99);
  const taken = await throughCamera(small, 32, seededRandom(4));
  assert.equal(taken.length, small.length);
});
