/**
 * Features of a frozen base, made once. While the base does not change, the 1280 numbers it makes of a face do not change
 * either: one forward pass pays for all epochs of the heads.
 */
import type * as tf from '@tensorflow/tfjs';
import type { FaceRecord } from '../dataset/record';
import type { PackedImages } from '../images/packed';
import { openForward } from '../model/forward';
import { FEATURES } from '../model/mobilenet';
import type { ProgressListener } from '../progress';
import type { InputSource } from './epoch';

const BATCH = 32;

/** Runs `base` over every record; holds 5 kB of memory for each. */
export async function computeFeatures(
  base: tf.LayersModel,
  images: PackedImages,
  records: readonly FaceRecord[],
  onProgress?: ProgressListener,
): Promise<InputSource> {
  const forward = await openForward(base);
  const all = new Float32Array(records.length * FEATURES);
  const places = new Map(records.map(({ sha256 }, index) => [sha256, index]));
  try {
    for (let first = 0; first < records.length; first += BATCH) {
      const batch = records.slice(first, first + BATCH);
      all.set(forward.run(images.read(batch))[0], first * FEATURES);
      onProgress?.({ label: 'Features of the frozen base', done: first + batch.length, total: records.length, unit: 'images' });
      await new Promise(setImmediate);
    }
  } finally {
    forward.dispose();
  }
  const read = (batch: readonly FaceRecord[]): Float32Array => {
    const features = new Float32Array(batch.length * FEATURES);
    for (const [index, { sha256, file }] of batch.entries()) {
      const place = places.get(sha256);
      if (place === undefined) throw new Error(`${file} has no features.`);
      features.set(all.subarray(place * FEATURES, (place + 1) * FEATURES), index * FEATURES);
    }
    return features;
  };
  return {
    *batches(batches) {
      for (const batch of batches) yield read(batch);
    },
  };
}
