/**
 * Features of a frozen base, made once and kept on disk. While the base does not change, the 1280 numbers it makes of a
 * face do not change either: one forward pass pays for all epochs of the heads, and for every later run on the same faces.
 * They are read from there a batch at a time, so that memory stays the same whatever the size of the data.
 */
import type * as tf from '@tensorflow/tfjs';
import { onnxRuntime, openEngine } from '../base/engine';
import { inBatches } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import type { FaceRecord } from '../data/record';
import type { PixelCache } from '../images/pixel-cache';
import { PREPROCESSING } from '../images/preprocess';
import { isWhole, RowFile, rowFilePath, writeRows } from '../images/row-file';
import { type Forward, openForward } from '../model/forward';
import { readWeights } from '../model/layer-weights';
import { FEATURES } from '../model/mobilenet';
import { hashWeights } from '../model/weights';

const BATCH = 32;
const LABEL = 'Features of the frozen base';
const BYTES_PER_FACE = FEATURES * Float32Array.BYTES_PER_ELEMENT;

/** Features on disk: little-endian float32, 1280 for each face. */
export class FeatureFile extends RowFile {
  /** `[records, 1280]`, in the order asked for. */
  read(records: readonly FaceRecord[]): Float32Array {
    return new Float32Array(this.rowsOf(records).buffer);
  }
}

/**
 * Runs `base` over the records, in whatever order they come, or finds in data/cache what an earlier run made of the same
 * faces with the same base. The caller closes what it gets. Throws an InputError where the disk is full or read-only.
 */
export async function openFeatures(
  base: tf.LayersModel,
  images: PixelCache,
  records: readonly FaceRecord[],
  onProgress: ProgressListener,
): Promise<FeatureFile> {
  const ordered = [...records].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const { sizePx } = images;
  const { kind } = await openEngine(); // engines round differently
  const parts = [
    onnxRuntime() ? 'onnxruntime' : kind,
    PREPROCESSING,
    `${sizePx} px`,
    hashWeights(readWeights(base)),
    ...ordered.map(({ sha256 }) => sha256),
  ];
  const target = rowFilePath(`features-${sizePx}`, parts, 'f32');
  if (isWhole(target, BYTES_PER_FACE, ordered.length)) {
    onProgress({ label: `${LABEL}, kept from an earlier run`, done: ordered.length, total: ordered.length, unit: 'images' });
    return new FeatureFile(target, BYTES_PER_FACE, ordered);
  }
  const forward = await openForward(base);
  try {
    await writeRows(target, BYTES_PER_FACE, featuresOf(forward, images, ordered, onProgress));
  } finally {
    forward.dispose();
  }
  return new FeatureFile(target, BYTES_PER_FACE, ordered);
}

async function* featuresOf(forward: Forward, images: PixelCache, records: readonly FaceRecord[], onProgress: ProgressListener) {
  let done = 0;
  for (const batch of inBatches(records, BATCH)) {
    const [features] = await forward.run(images.read(batch));
    yield new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
    done += batch.length;
    onProgress({ label: LABEL, done, total: records.length, unit: 'images' });
    await new Promise(setImmediate);
  }
}
