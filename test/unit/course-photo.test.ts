/** What notebook 6 does to a photo and to the frame of a face: the parts that need no network. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import sharp from 'sharp';
import { projectPath } from '../../lib/base/project';
import { FRAME_CHANGES } from '../../lib/course/frame-changes';
import { CAMERAS, changedPhotos, HARDER } from '../../lib/course/harder';

const FRAME = { x: 100, y: 50, sidePx: 40, turn: Math.PI / 2 };
const near = (value: number, wanted: number) => assert.ok(Math.abs(value - wanted) < 1e-9, `${value}, not ${wanted}`);

test('each change of the frame passes through the frame as it was found, and its error lies within what is tried', () => {
  for (const { amounts, changed, error, title } of FRAME_CHANGES) {
    assert.ok(amounts.includes(0), title);
    for (const [key, value] of Object.entries(changed(FRAME, 0))) near(value, FRAME[key as keyof typeof FRAME]);
    assert.ok(error > 0 && error < amounts[amounts.length - 1], title);
  }
});

test('a frame is shifted along its own sides, turned clockwise, and larger by percent', () => {
  const [right, down, turned, looser] = FRAME_CHANGES.map(({ changed }) => changed(FRAME, 25));
  near(right.x, 100); // it stands on its side: its right is the photo's down
  near(right.y, 60);
  near(down.x, 90);
  near(down.y, 50);
  near(turned.turn, FRAME.turn + (25 * Math.PI) / 180);
  near(looser.sidePx, 50);
});

test('harder photos keep their size but for the one that is shrunk, and cover what they say', async () => {
  const face = { x: 60, y: 40, width: 80, height: 100 };
  const photo = await sharp({ create: { width: 200, height: 160, channels: 3, background: '#c84' } })
    .png()
    .toBuffer();
  const photos = await changedPhotos(photo, face, HARDER);
  const colourAt = async (title: string, left: number, top: number) => {
    const pixel = sharp(photos[title]).extract({ left, top, width: 1, height: 1 });
    return `#${(await pixel.removeAlpha().raw().toBuffer()).toString('hex')}`;
  };
  assert.equal(await colourAt('as it is', 100, 60), '#cc8844');
  assert.equal(await colourAt('eyes covered', 100, 60), '#8899aa');
  assert.equal(await colourAt('eyes covered', 100, 120), '#cc8844');
  assert.equal(await colourAt('lower half of the face covered', 100, 120), '#8899aa');
  assert.equal(await colourAt('lower half of the face covered', 100, 60), '#cc8844');
  assert.equal(await colourAt('almost dark', 5, 5), '#181008');
  const widths = await Promise.all(Object.values(photos).map(async (bytes) => (await sharp(bytes).metadata()).width));
  assert.deepEqual(widths, [...new Array(widths.length - 1).fill(200), 70]);
});

test('photos as other cameras save them hold fewer bytes, fewer pixels, or no colour', async () => {
  const portrait = readFileSync(projectPath('data', 'my image', 'eileen-collins.jpg'));
  const taken = await changedPhotos(portrait, { x: 170, y: 60, width: 110, height: 130 }, CAMERAS);
  const bytes = ['saved as JPEG, quality 80', 'quality 40', 'quality 20'].map((title) => taken[title].length);
  assert.deepEqual(
    bytes,
    [...bytes].sort((a, b) => b - a),
  );
  assert.equal((await sharp(taken['half the pixels']).metadata()).width, 256);
  const [red, green] = (await sharp(taken['without colour']).stats()).channels;
  assert.equal(red.mean, (green ?? red).mean);
});
