/**
 * Features of a frozen base, made once and kept on disk. While the base does not change, the 1280 numbers it makes of a
 * face do not change either: one forward pass pays for all epochs of the heads, and for every later run on the same faces.
 * They are read from there a batch at a time, so that memory stays the same whatever the size of the data.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs';
import { openEngine } from '../base/engine';
import { streamFileAtomically } from '../base/files';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import type { FaceRecord } from '../data/record';
import type { PackedImages } from '../images/pixel-cache';
import { PREPROCESSING } from '../images/preprocess';
import { openForward } from '../model/forward';
import { readWeights } from '../model/layer-weights';
import { FEATURES } from '../model/mobilenet';
import { hashWeights } from '../model/weights';
import type { InputSource } from './epoch';

const BATCH = 32;
const LABEL = 'Features of the frozen base';
const BYTES_PER_FACE = FEATURES * Float32Array.BYTES_PER_ELEMENT;
/** The file ends with a SHA-256 of all before it: a disk that lost a part must not spoil a training session unseen. */
const CHECKSUM_BYTES = 32;

/** Features on disk: little-endian float32, 1280 for each face. */
export class FeatureFile implements InputSource {
  private readonly file: number;
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    readonly path: string,
    records: readonly FaceRecord[],
  ) {
    this.file = openSync(path, 'r');
    this.places = new Map(records.map(({ sha256 }, index) => [sha256, index]));
  }

  /** `[records, 1280]`, in the order asked for. */
  read(records: readonly FaceRecord[]): Float32Array {
    const features = new Float32Array(records.length * FEATURES);
    const bytes = bytesOf(features);
    for (const [index, { sha256, file }] of records.entries()) {
      const place = this.places.get(sha256);
      if (place === undefined) throw new Error(`${file} has no features.`);
      const read = readSync(this.file, bytes, index * BYTES_PER_FACE, BYTES_PER_FACE, place * BYTES_PER_FACE);
      if (read !== BYTES_PER_FACE) throw new Error(`${this.path} ended before the features of ${file}. Start again: they are made anew.`);
    }
    return features;
  }

  *batches(batches: readonly (readonly FaceRecord[])[]): Generator<Float32Array> {
    for (const records of batches) yield this.read(records);
  }

  close(): void {
    closeSync(this.file);
  }
}

/**
 * Runs `base` over the records, in whatever order they come, or finds in data/cache what an earlier run made of the same
 * faces with the same base. The caller closes what it gets. Throws an InputError where the disk is full or read-only.
 */
export async function openFeatures(
  base: tf.LayersModel,
  images: PackedImages,
  records: readonly FaceRecord[],
  onProgress?: ProgressListener,
): Promise<FeatureFile> {
  const ordered = [...records].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const target = await cacheFile(base, images.sizePx, ordered);
  if (isComplete(target, ordered.length)) {
    onProgress?.({ label: `${LABEL}, kept from an earlier run`, done: ordered.length, total: ordered.length, unit: 'images' });
  } else {
    await makeFeatures(base, images, ordered, target, onProgress);
  }
  return new FeatureFile(target, ordered);
}

/** Named after all that decides its content; engines round differently. */
async function cacheFile(base: tf.LayersModel, sizePx: number, records: readonly FaceRecord[]): Promise<string> {
  const parts = [(await openEngine()).kind, PREPROCESSING, `${sizePx} px`, hashWeights(readWeights(base)), ...records.map((r) => r.sha256)];
  const key = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
  return projectPath('data', 'cache', `features-${sizePx}-${key}.f32`);
}

async function makeFeatures(
  base: tf.LayersModel,
  images: PackedImages,
  records: readonly FaceRecord[],
  target: string,
  onProgress?: ProgressListener,
): Promise<void> {
  const forward = await openForward(base);
  const checksum = createHash('sha256');
  try {
    await streamFileAtomically(target, async (output) => {
      for (let first = 0; first < records.length; first += BATCH) {
        const batch = records.slice(first, first + BATCH);
        const features = bytesOf(forward.run(images.read(batch))[0]);
        checksum.update(features);
        await output.writeFile(features);
        onProgress?.({ label: LABEL, done: first + batch.length, total: records.length, unit: 'images' });
        await new Promise(setImmediate);
      }
      await output.writeFile(checksum.digest());
    });
  } finally {
    forward.dispose();
  }
}

/** Whether the file has its length and its checksum. */
function isComplete(file: string, count: number): boolean {
  const length = count * BYTES_PER_FACE;
  if (!existsSync(file) || statSync(file).size !== length + CHECKSUM_BYTES) return false;
  const descriptor = openSync(file, 'r');
  try {
    const checksum = createHash('sha256');
    const chunk = Buffer.alloc(256 * BYTES_PER_FACE);
    for (let at = 0; at < length; ) {
      const read = readSync(descriptor, chunk, 0, Math.min(chunk.length, length - at), at);
      if (read === 0) return false;
      checksum.update(chunk.subarray(0, read));
      at += read;
    }
    const stored = Buffer.alloc(CHECKSUM_BYTES);
    readSync(descriptor, stored, 0, CHECKSUM_BYTES, length);
    return checksum.digest().equals(stored);
  } finally {
    closeSync(descriptor);
  }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
