/** The worker's side of augmented.ts: reads packed images, augments them, and hands the batch back without a copy. */
import { closeSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { streamFor } from '../base/random';
import { type Augmentation, augment } from './augment';
import { blendNeighbours, neighbourShares } from './mixup';
import { readPacked } from './pixel-file';

export interface WorkerSetup {
  readonly file: string;
  /** Side of the packed images. */
  readonly sizePx: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
}

export interface BatchRequest {
  readonly number: number;
  /** Names the pass, so that every epoch draws anew. */
  readonly pass: string;
  readonly images: readonly { readonly place: number; readonly sha256: string }[];
}

export interface AugmentedBatch {
  readonly number: number;
  /** uint8 RGB, image after image. */
  readonly buffer: ArrayBuffer;
}

const { file, sizePx, augmentation, seed }: WorkerSetup = workerData;
const descriptor = openSync(file, 'r');
const { cropPx } = augmentation;

function answer({ number, pass, images }: BatchRequest): AugmentedBatch {
  const buffer = new ArrayBuffer(images.length * 3 * cropPx * cropPx);
  const pixels = new Uint8Array(buffer);
  for (const [index, { place, sha256 }] of images.entries()) {
    const image = readPacked(descriptor, sizePx, place);
    pixels.set(augment(image, sizePx, augmentation, streamFor(seed, `${pass}, ${sha256}`)), index * 3 * cropPx * cropPx);
  }
  if (augmentation.mixup > 0) blendNeighbours(pixels, neighbourShares(images, augmentation.mixup, seed, pass));
  return { number, buffer };
}

parentPort?.on('message', (request: BatchRequest) => {
  const batch = answer(request);
  parentPort?.postMessage(batch, [batch.buffer]);
});
parentPort?.once('close', () => closeSync(descriptor));
