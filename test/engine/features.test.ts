/** Features of a frozen base, kept on disk: the heads learn from them what they would learn through the base itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { inBatches } from '../../lib/base/parallel';
import type { ProgressUpdate } from '../../lib/base/progress';
import type { FaceRecord } from '../../lib/data/record';
import { PixelCache } from '../../lib/images/pixel-cache';
import { buildFaceModel, type FaceModel } from '../../lib/model/face-model';
import { openFeatures } from '../../lib/training/features';
import { GraphStep } from '../../lib/training/graph-step';
import { trainableLayers } from '../../lib/training/schedule';
import { openNativeEngine } from '../native-engine';
import { seededBase, seededImages, seededLabels } from '../reference/seeded-weights';

const [FACES, SIZE_PX, BATCH] = [44, 32, 8];
const folder = mkdtempSync(path.join(os.tmpdir(), 'features-'));
const made = new Set<string>();
let model: FaceModel;
let images: PixelCache;
let records: FaceRecord[];

before(async () => {
  await openNativeEngine();
  model = buildFaceModel(SIZE_PX, seededBase());
  const { ages, genders } = seededLabels(FACES);
  records = Array.from({ length: FACES }, (_, index): FaceRecord => {
    const sha256 = `${(index * 7) % FACES}`.padStart(64, '0'); // the order of the hashes is not that of the files
    return { file: `${index}.jpg`, sha256, ageYears: 33 + 20 * ages[index], gender: genders[index] === 1 ? 1 : 0, race: 0 };
  });
  const file = path.join(folder, 'pixels.u8');
  writeFileSync(file, seededImages(FACES, SIZE_PX));
  images = new PixelCache(SIZE_PX, records, file);
});
after(() => {
  images.close();
  model.full.dispose();
  rmSync(folder, { recursive: true });
  for (const file of made) rmSync(file, { force: true });
});

/** The features, and whether they were made by a forward pass just now. */
async function features(of: readonly FaceRecord[] = records) {
  const seen: ProgressUpdate[] = [];
  const file = await openFeatures(model.base, images, of, (update) => seen.push(update));
  made.add(file.path);
  const [first] = seen;
  assert.equal(first.label.includes('kept from an earlier run'), first.done === of.length, first.label);
  return { file, passed: first.done < of.length };
}

test('heads trained from the file end where heads trained through the frozen base end', async () => {
  const { file, passed } = await features();
  assert.ok(passed);
  const [fromFile, throughBase] = [new GraphStep(model.heads, () => true), new GraphStep(model.full, trainableLayers('heads'))];
  const batches = inBatches(records, BATCH);
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const batch of batches) {
      const labels = {
        ages: Float32Array.from(batch, ({ ageYears }) => (ageYears - 33) / 20),
        genders: Int32Array.from(batch, ({ gender }) => gender),
      };
      const short = fromFile.step({ inputs: file.read(batch), ...labels }, 1e-3);
      const long = throughBase.step({ inputs: images.read(batch), ...labels }, 1e-3);
      near([short.ageLoss, short.genderLoss], [long.ageLoss, long.genderLoss], 'losses');
      near(short.ages, long.ages, 'ages');
    }
  }
  const [short, long] = [fromFile.state().weights, throughBase.state().weights];
  assert.ok(
    short['age/kernel'].values.some((value) => value !== 0),
    'something was learned',
  );
  for (const [name, { values }] of Object.entries(short)) near(values, long[name].values, name);
  fromFile.dispose();
  throughBase.dispose();
  file.close();
});

test('the second time no forward pass is run, in whatever order the faces come; other faces have features of their own', async () => {
  const { file: before } = await features();
  utimesSync(before.path, 1000, 1000);
  const { file: again, passed } = await features([...records].reverse());
  assert.ok(!passed);
  assert.equal(again.path, before.path);
  assert.equal(statSync(again.path).mtimeMs, 1_000_000, 'nobody has written to it');
  assert.deepEqual(again.read(records.slice(3, 5)), before.read(records.slice(3, 5)));
  const { file: fewer, passed: anew } = await features(records.slice(1));
  assert.ok(anew);
  assert.notEqual(fewer.path, before.path);
  for (const file of [before, again, fewer]) file.close();
});

test('a file that lost its end, or a part within, is made again to the same numbers', async () => {
  const { file } = await features();
  const [whole, size] = [file.read(records), statSync(file.path).size];
  file.close();
  const damages: (() => void)[] = [
    () => truncateSync(file.path, size - 4),
    () => writeFileSync(file.path, Buffer.alloc(16), { flag: 'r+' }),
    () => writeFileSync(file.path, ''),
  ];
  for (const damage of damages) {
    damage();
    const { file: mended, passed } = await features();
    assert.ok(passed);
    assert.deepEqual(mended.read(records), whole);
    mended.close();
  }
});

test('a file that was cut in the middle, or has one wrong byte there, is made again to the same numbers', async () => {
  const { file } = await features();
  const [whole, bytes] = [file.read(records), readFileSync(file.path)];
  file.close();
  const middle = Math.floor(bytes.length / 2);
  const flipped = Buffer.from(bytes);
  flipped[middle] ^= 1;
  for (const damaged of [bytes.subarray(0, middle), flipped]) {
    writeFileSync(file.path, damaged);
    const { file: mended, passed } = await features();
    assert.ok(passed);
    assert.deepEqual(mended.read(records), whole);
    mended.close();
    assert.ok(readFileSync(file.path).equals(bytes), 'its checksums too');
  }
});

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, expected.length, what);
  const worst = Array.from(expected).reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index])), 0);
  assert.ok(worst < 1e-4, `${what}: ${worst} apart`);
}
