/** The finder on photos: every face of a group and nothing else, however the photo lies, by either engine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { readJson } from '../../lib/base/files';
import { projectPath, projectRoot } from '../../lib/base/project';
import type { FaceFinder, FoundFace } from '../../lib/faces/finder';
import { MESH } from '../../lib/faces/mesh';
import { openFaceFinder, openFaceNetwork } from '../../lib/faces/open-finder';
import { openPhoto } from '../../lib/images/decode';
import { cut, type Square } from '../../lib/images/photo';
import { blotches, sampleFace, samplePhotoFile } from '../files';
import { openNativeEngine } from '../native-engine';
import { GROUP_PHOTOS, photosWithoutPeople } from '../photos';

let finder: FaceFinder;

before(async () => {
  await openNativeEngine();
  finder = await openFaceFinder();
});
after(() => finder.dispose());

async function find(photo: string | Buffer): Promise<readonly FoundFace[]> {
  return finder.find(await openPhoto(photo));
}

/** How far a frame is from another: the largest of its shift and growth in parts of the side and of its turn in radians. */
function distance(frame: Square, { x, y, sidePx, turn }: Square): number {
  const turned = Math.atan2(Math.sin(frame.turn - turn), Math.cos(frame.turn - turn));
  return Math.max(Math.hypot(frame.x - x, frame.y - y) / sidePx, Math.abs(frame.sidePx / sidePx - 1), Math.abs(turned));
}

/** For each of the faces, how far the nearest of the expected frames is. */
function distances(faces: readonly FoundFace[], expected: readonly Square[]): readonly number[] {
  return faces.map(({ frame }) => Math.min(...expected.map((other) => distance(frame, other))));
}

for (const { file, faces } of GROUP_PHOTOS) {
  test(`${path.basename(file)}: each of its ${faces.length} faces is found, and none invented`, async () => {
    const found = await find(file);
    assert.equal(found.length, faces.length);
    for (const [index, { box, frame, score }] of found.entries()) {
      assert.ok(
        Math.hypot(frame.x - faces[index][0], frame.y - faces[index][1]) < 0.1 * frame.sidePx,
        `face ${index} at ${frame.x}, ${frame.y}`,
      );
      assert.ok(score > 0.5 && score <= 1, `${score}`);
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      assert.ok(Math.hypot(x - frame.x, y - frame.y) < 0.25 * frame.sidePx, 'box and frame are about the same face');
    }
  });
}

for (const side of [112, 150, 200, 448]) {
  test(`a picture of ${side} px that is framed as UTKFace frames is its own frame, and parts of a face are no faces`, async () => {
    const [apart, ...others] = distances(await find(await sampleFace(side)), [{ x: side / 2, y: side / 2, sidePx: side, turn: 0 }]);
    assert.ok(apart < 0.07, `${apart}`);
    assert.deepEqual(others, []);
  });
}

for (const file of photosWithoutPeople()) {
  test(`no face in ${path.basename(file, '.jpg')}`, async () => assert.deepEqual(await find(file), []));
}

test('no face in blotches', async () => assert.deepEqual(await find(await blotches(1, 600)), []));

/** Where faces of a photo lie after it was turned clockwise by quarters. */
function turnedFrames(faces: readonly FoundFace[], quarters: number, widthPx: number, heightPx: number): readonly Square[] {
  return faces.map(({ frame: { x, y, sidePx, turn } }) => {
    const [toX, toY] = [
      [x, y],
      [heightPx - y, x],
      [widthPx - x, heightPx - y],
      [y, widthPx - x],
    ][quarters];
    return { x: toX, y: toY, sidePx, turn: turn + (quarters * Math.PI) / 2 };
  });
}

for (const quarters of [1, 2, 3]) {
  test(`photos that lie turned by ${90 * quarters} degrees, and do not say so, show almost all of their faces, and nothing else`, async (context) => {
    const apart: number[] = [];
    for (const { file } of GROUP_PHOTOS) {
      const { width, height } = await sharp(file).metadata();
      const lying = await sharp(file)
        .rotate(90 * quarters)
        .png()
        .toBuffer();
      apart.push(...distances(await find(lying), turnedFrames(await find(file), quarters, width, height)));
    }
    context.diagnostic(`${apart.length} of 22 faces, frames at most ${Math.max(...apart).toFixed(3)} apart`);
    assert.ok(apart.length >= 19, `${apart.length} of 22`);
    assert.ok(Math.max(...apart) < 0.1, `${apart}`);
  });
}

test('mirrored photos have mirrored frames, and those of half the size have frames of half the size', async (context) => {
  const [mirrored, halves]: [number[], number[]] = [[], []];
  for (const { file, faces } of GROUP_PHOTOS) {
    const frames = (await find(file)).map(({ frame }) => frame);
    const { width } = await sharp(file).metadata();
    const inMirror = await find(await sharp(file).flop().png().toBuffer());
    assert.equal(inMirror.length, faces.length);
    mirrored.push(
      ...distances(
        inMirror,
        frames.map((frame) => ({ ...frame, x: width - frame.x, turn: -frame.turn })),
      ),
    );
    const small = await find(
      await sharp(file)
        .resize(width / 2)
        .png()
        .toBuffer(),
    );
    assert.equal(small.length, faces.length);
    halves.push(
      ...distances(
        small,
        frames.map(({ x, y, sidePx, turn }) => ({ x: x / 2, y: y / 2, sidePx: sidePx / 2, turn })),
      ),
    );
  }
  for (const [name, apart, most] of [
    ['mirrored', mirrored, { median: 0.03, worst: 0.15 }],
    ['half', halves, { median: 0.01, worst: 0.03 }],
  ] as const) {
    const sorted = [...apart].sort((a, b) => a - b);
    const [median, worst] = [sorted[apart.length / 2], sorted[apart.length - 1]];
    context.diagnostic(`${name}: median ${median.toFixed(4)}, worst ${worst.toFixed(4)}`);
    assert.ok(median < most.median && worst < most.worst, `${name}: ${sorted}`);
  }
});

test('faces narrower than asked for are left out', async () => {
  const photo = await openPhoto(GROUP_PHOTOS[0].file);
  const widths = (await finder.find(photo)).map(({ box }) => box.width).sort((a, b) => a - b);
  const wide = await finder.find(photo, { minFacePx: (widths[0] + widths[1]) / 2 });
  assert.equal(wide.length, widths.length - 1);
});

test('a single pixel and strips have no face', async () => {
  for (const [width, height] of [
    [1, 1],
    [4000, 20],
    [20, 4000],
  ]) {
    const image = sharp({ create: { width, height, channels: 3, background: '#a86' } });
    assert.deepEqual(await find(await image.png().toBuffer()), []);
    assert.deepEqual(await find(await sharp(samplePhotoFile()).resize(width, height, { fit: 'fill' }).png().toBuffer()), []);
  }
});

test('WebAssembly finds the same faces', async () => {
  const files = [GROUP_PHOTOS[1].file, photosWithoutPeople()[0]];
  const words = ['--import', 'tsx', projectPath('test', 'find-faces.ts'), ...files];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: projectRoot(),
    env: { ...process.env, COURSE_ENGINE: 'wasm' },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const [group, cat] = stdout.split('\n').slice(0, -1);
  const native = await find(files[0]);
  const wasm: readonly FoundFace[] = JSON.parse(group);
  assert.equal(wasm.length, native.length);
  for (const [index, { frame, score }] of wasm.entries()) {
    const other = native[index];
    assert.ok(Math.abs(score - other.score) < 0.02, `scores ${score}, ${other.score}`);
    for (const key of ['x', 'y', 'sidePx'] as const)
      assert.ok(Math.abs(frame[key] - other.frame[key]) < 1, `${key} ${frame[key]}, ${other.frame[key]}`);
  }
  assert.equal(cat, '[]');
});

test('the face mesh through ONNX Runtime answers as it does node by node in tfjs', async () => {
  const folder = projectPath('node_modules', '@vladmandic', 'human', 'models');
  const { modelTopology, weightsManifest } = readJson<{
    readonly modelTopology: object;
    readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
  }>(path.join(folder, 'facemesh.json'));
  const weightData = Uint8Array.from(readFileSync(path.join(folder, 'facemesh.bin'))).buffer;
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const stock = await tf.loadGraphModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  const mesh = await openFaceNetwork(MESH);
  const sizePx = 192;
  const photo = await openPhoto(GROUP_PHOTOS[4].file);
  const windows = (await finder.find(photo)).map(({ frame }) => ({ ...frame, sidePx: 1.3 * frame.sidePx }));
  const ours = await mesh.run(Buffer.concat(windows.map((window) => cut(photo, window, sizePx))));
  for (const [index, window] of windows.entries()) {
    const outputs = tf.tidy(() => {
      const image = tf.tensor4d(cut(photo, window, sizePx), [1, sizePx, sizePx, 3], 'float32');
      return [stock.execute(image.div(255))].flat().map((output) => output.dataSync() as Float32Array);
    });
    for (const values of [ours.mesh, ours.presence]) {
      const size = values.length / windows.length;
      const expected = outputs.find(({ length }) => length === size) ?? assert.fail(`no output of ${size} values`);
      const worst = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - values[index * size + at])), 0);
      assert.ok(worst < 1e-3, `face ${index}: outputs of ${size} values differ by ${worst}`);
    }
  }
  stock.dispose();
  mesh.dispose();
});
