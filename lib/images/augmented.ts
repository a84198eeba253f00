/**
 * Cached pixels, augmented in workers while the training step runs: the step blocks this thread, so the next batches are
 * made on others. What a batch holds depends on the seed, the epoch and the images alone.
 */
import { openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, workerData } from 'node:worker_threads';
import workerpool from 'workerpool';
import { projectPath, typeScriptArguments } from '../base/project';
import { streamFor } from '../base/random';
import type { Augmentation } from '../config';
import { augment } from './augment';
import { mixUp, mixupShares } from './mixup';
import { bytesPerImage, type PixelCache } from './pixel-cache';
import { type ImageFile, readRows } from './row-file';

/** How many batches are made ahead. */
const AHEAD = 4;
/** The step needs the cores more than they do. */
const WORKERS = Math.max(1, Math.min(AHEAD, Math.floor(availableParallelism() / 4)));

/** What all batches of a worker have in common. */
interface Setup {
  /** The file of the pixel cache. */
  readonly augmentedFrom: string;
  readonly sizePx: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
}

export class AugmentedImages {
  private readonly pool: ReturnType<typeof workerpool.pool>;

  /** Workers start with the first batch; the caller closes this, and keeps `images` open until then. */
  constructor(
    private readonly images: PixelCache,
    private readonly augmentation: Augmentation,
    private readonly seed: number,
  ) {
    const setup: Setup = { augmentedFrom: images.path, sizePx: images.sizePx, augmentation, seed };
    this.pool = workerpool.pool(projectPath('lib', 'images', 'augmented.ts'), {
      workerType: 'thread',
      maxWorkers: WORKERS,
      workerThreadOpts: { workerData: setup, execArgv: typeScriptArguments() },
    });
  }

  /** uint8 RGB `[batch, cropPx, cropPx, 3]`, batch by batch. */
  async *batches(batches: readonly (readonly ImageFile[])[], epochKey: string): AsyncGenerator<Uint8Array> {
    const ahead: PromiseLike<Uint8Array>[] = [];
    for (let next = 0; next < batches.length; next++) {
      while (ahead.length < AHEAD && next + ahead.length < batches.length) ahead.push(this.request(batches[next + ahead.length], epochKey));
      const batch = ahead.shift();
      if (batch) yield await batch;
    }
  }

  /** How much of its neighbour each image of a batch has taken on; undefined where none do. */
  sharesOf(images: readonly ImageFile[], epochKey: string): Float32Array | undefined {
    const { mixup } = this.augmentation;
    return mixup > 0 ? mixupShares(images, mixup, this.seed, epochKey) : undefined;
  }

  async close(): Promise<void> {
    await this.pool.terminate(true);
  }

  private request(images: readonly ImageFile[], epochKey: string): PromiseLike<Uint8Array> {
    return this.pool.exec('augmentBatch', [images.map((image) => ({ place: this.images.placeOf(image), sha256: image.sha256 })), epochKey]);
  }
}

/** In a worker that was started as above. */
if (!isMainThread && workerData?.augmentedFrom) serveBatches(workerData);

function serveBatches({ augmentedFrom, sizePx, augmentation, seed }: Setup): void {
  const file = openSync(augmentedFrom, 'r');
  const [bytes, bytesOut] = [bytesPerImage(sizePx), bytesPerImage(augmentation.cropPx)];
  const augmentBatch = (images: readonly { readonly place: number; readonly sha256: string }[], epochKey: string) => {
    const pixels = readRows(
      file,
      bytes,
      images.map(({ place }) => place),
    );
    const batch = new Uint8Array(images.length * bytesOut);
    for (const [index, { sha256 }] of images.entries()) {
      const image = pixels.subarray(index * bytes, (index + 1) * bytes);
      batch.set(augment(image, sizePx, augmentation, streamFor(seed, `${epochKey}, ${sha256}`)), index * bytesOut);
    }
    if (augmentation.mixup > 0) mixUp(batch, mixupShares(images, augmentation.mixup, seed, epochKey));
    return new workerpool.Transfer(batch, [batch.buffer]); // handed over without a copy
  };
  workerpool.worker({ augmentBatch });
}
