/** The workers that augment make batches at least as fast as the step takes them, at the sizes that best is trained at. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { inBatches } from '../../lib/base/parallel';
import type { Augmentation } from '../../lib/config';
import { openSource } from '../../lib/data/source';
import { AugmentedImages } from '../../lib/images/augmented';
import { IMAGE_NAME } from '../../lib/images/find';
import { openPixelCache } from '../../lib/images/pixel-cache';
import { buildFaceModel } from '../../lib/model/face-model';
import { PRESETS } from '../../lib/presets';
import { GraphStep } from '../../lib/training/graph-step';
import { openNativeEngine } from '../native-engine';
import { seededBase } from '../reference/seeded-weights';

const BATCH = 32;
const WARM_UP = 4;
const BATCHES = 24;
const MOST_WAITING = 0.05;

for (const cropPx of [128, 176, 192]) {
  test(`a step on crops of ${cropPx} px waits for less than 5 % of its time`, async () => {
    await openNativeEngine();
    const { folder, files } = await openSource(undefined);
    const faces = files.filter(({ file }) => IMAGE_NAME.test(file)).slice(0, 256);
    const images = faces.map(({ file }) => ({ file, sha256: path.basename(file) }));
    const pixels = await openPixelCache(folder, images, cropPx === 192 ? 208 : cropPx + 16);
    const augmentation: Augmentation = { ...(PRESETS.best.augmentation ?? assert.fail()), cropPx };
    const augmented = new AugmentedImages(pixels, augmentation, 1);
    const model = buildFaceModel(cropPx, seededBase(), 'distribution');
    const step = new GraphStep(model.full, () => true, PRESETS.best);
    const batches = Array.from({ length: 4 }, () =>
      inBatches(
        images.map((image) => ({ ...image, ageYears: 30, gender: 0 as const })),
        BATCH,
      ),
    ).flat();
    const [ages, genders] = [new Float32Array(BATCH).fill(30), new Int32Array(BATCH)];
    let [waitedMs, steppedMs, done] = [0, 0, 0];
    let sinceMs = performance.now();
    for await (const inputs of augmented.batches(batches.slice(0, WARM_UP + BATCHES), 'epoch')) {
      const gotMs = performance.now();
      step.step({ inputs, ages, genders }, 1e-4);
      if (done++ >= WARM_UP) {
        waitedMs += gotMs - sinceMs;
        steppedMs += performance.now() - gotMs;
      }
      await new Promise(setImmediate);
      sinceMs = performance.now();
    }
    const waiting = waitedMs / (waitedMs + steppedMs);
    await augmented.close();
    pixels.close();
    step.dispose();
    model.full.dispose();
    model.heads.dispose();
    assert.ok(waiting < MOST_WAITING, `${(100 * waiting).toFixed(1)} % of ${((waitedMs + steppedMs) / BATCHES).toFixed(0)} ms a step`);
    process.stdout.write(
      `# ${cropPx} px: waits for ${(100 * waiting).toFixed(2)} %, ${((1000 * BATCH * BATCHES) / (waitedMs + steppedMs)).toFixed(0)} images/s\n`,
    );
  });
}
