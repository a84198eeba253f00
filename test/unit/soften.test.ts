/** Softened pictures: mirrored as their originals are, lying where these lay, and without fine detail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirror } from '../../lib/images/augment';
import { decodeRgb, openImage } from '../../lib/images/decode';
import { detailOf, enlarged, soften } from '../../lib/images/soften';
import { sampleFace } from '../files';

const SIZE_PX = 192;

function mirrored(pixels: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(pixels);
  mirror(copy, SIZE_PX);
  return copy;
}

function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length;
}

test('the mirror image of a picture is softened to the mirror image of the softened picture', async () => {
  const pixels = await decodeRgb(await sampleFace(400), SIZE_PX);
  assert.ok(difference(mirrored(await soften(pixels, SIZE_PX)), await soften(mirrored(pixels), SIZE_PX)) < 0.02);
});

test('what has no detail stays as it is and where it is; a chequered pattern becomes grey; small pictures are left alone', async () => {
  const ramp = Uint8Array.from({ length: 3 * SIZE_PX ** 2 }, (_, index) => 20 + (Math.floor(index / 3) % SIZE_PX));
  const inner = (_: number, index: number) => Math.abs((Math.floor(index / 3) % SIZE_PX) - SIZE_PX / 2) < 85;
  assert.ok(difference((await soften(ramp, SIZE_PX)).filter(inner), ramp.filter(inner)) < 0.6);
  const squares = Uint8Array.from({ length: 3 * SIZE_PX ** 2 }, (_, index) => {
    const place = Math.floor(index / 3);
    return 255 * (((place % SIZE_PX) + Math.floor(place / SIZE_PX)) % 2);
  });
  assert.ok((await soften(squares, SIZE_PX)).every((value) => Math.abs(value - 128) < 12));
  const small = new Uint8Array(3 * 96 ** 2).fill(7);
  assert.equal(await soften(small, 96), small);
});

test('a file is softened as it is decoded, as it would be afterwards', async () => {
  const photo = await sampleFace(200);
  for (const sizePx of [96, 128, SIZE_PX]) {
    const direct = await openImage(photo, (image) => detailOf(image, sizePx)).then((detail) => enlarged(detail, sizePx));
    assert.ok(difference(direct, await soften(await decodeRgb(photo, sizePx), sizePx)) < 1, `${sizePx} px`);
  }
  assert.deepEqual(await openImage(photo, (image) => detailOf(image, 64)), await decodeRgb(photo, 64));
});
