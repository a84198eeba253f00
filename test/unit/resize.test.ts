/** The demo page's own resizing against sharp's, which Node uses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { middleOf } from '../../lib/demo/page/resize';
import { samplePhotoFile } from '../files';

const SIZES = [
  { name: 'smaller', widthPx: 200, heightPx: 200, sizePx: 192 },
  { name: 'much smaller', widthPx: 448, heightPx: 448, sizePx: 128 },
  { name: 'larger', widthPx: 150, heightPx: 150, sizePx: 192 },
  { name: 'much larger', widthPx: 64, heightPx: 64, sizePx: 224 },
  { name: 'as it is', widthPx: 96, heightPx: 96, sizePx: 96 },
  { name: 'the middle of a high one, smaller', widthPx: 200, heightPx: 206, sizePx: 192 },
  { name: 'the middle of a wide one, smaller', widthPx: 231, heightPx: 200, sizePx: 96 },
  { name: 'the middle of a wide one, larger', widthPx: 155, heightPx: 150, sizePx: 192 },
];

for (const { name, widthPx, heightPx, sizePx } of SIZES) {
  test(`a picture becomes ${name}, to the last grey level as sharp makes it`, async () => {
    const raw = { width: widthPx, height: heightPx, channels: 3 } as const;
    const picture = await sharp(samplePhotoFile()).resize(widthPx, heightPx, { fit: 'cover' }).removeAlpha().raw().toBuffer();
    const wanted = await sharp(picture, { raw }).resize(sizePx, sizePx, { fit: 'cover', kernel: 'lanczos3' }).raw().toBuffer();
    const square = middleOf({ widthPx, heightPx, pixels: new Uint8Array(picture) }, sizePx);
    assert.equal(square.length, wanted.length);
    const apart = square.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at])), 0);
    assert.equal(apart, 0);
  });
}
