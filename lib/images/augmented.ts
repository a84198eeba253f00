/**
 * Cached pixels, augmented in workers while the training step runs: the step blocks this thread, so the next batches are
 * made on others. What a batch holds depends on the seed, the epoch and the images alone.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, workerData } from 'node:worker_threads';
import workerpool from 'workerpool';
import { mapAhead } from '../base/parallel';
import { projectPath, typeScriptArguments } from '../base/project';
import { streamFor } from '../base/random';
import type { Augmentation } from '../config';
import { augment } from './augment';
import { mixUp, mixupShares } from './mixup';
import { bytesPerImage, PixelCache } from './pixel-cache';
import type { ImageFile } from './row-file';

/** How many batches are made ahead. */
const AHEAD = 4;
/** The step needs the cores more than they do. */
const WORKERS = Math.max(1, Math.min(AHEAD, Math.floor(availableParallelism() / 4)));

/** What all batches of a worker have in common. */
interface Setup extends Pick<PixelCache, 'path' | 'sizePx' | 'images'> {
  readonly augmentation: Augmentation;
  readonly seed: number;
}

export class AugmentedImages {
  private readonly pool: ReturnType<typeof workerpool.pool>;

  /** Workers start with the first batch; the caller closes this, and keeps `pixels` open until then. */
  constructor(
    { path, sizePx, images }: PixelCache,
    private readonly augmentation: Augmentation,
    private readonly seed: number,
  ) {
    const augmented: Setup = { path, sizePx, images, augmentation, seed };
    this.pool = workerpool.pool(projectPath('lib', 'images', 'augmented.ts'), {
      workerType: 'thread',
      maxWorkers: WORKERS,
      workerThreadOpts: { workerData: { augmented }, execArgv: typeScriptArguments() },
    });
  }

  /** uint8 RGB `[batch, cropPx, cropPx, 3]`, batch by batch. */
  async *batches(batches: readonly (readonly ImageFile[])[], epochKey: string): AsyncGenerator<Uint8Array> {
    yield* mapAhead(batches, AHEAD, async (batch): Promise<Uint8Array> => this.pool.exec('augmentBatch', [batch, epochKey]));
  }

  /** How much of its neighbour each image of a batch has taken on; undefined where none do. */
  sharesOf(images: readonly ImageFile[], epochKey: string): Float32Array | undefined {
    const { mixup } = this.augmentation;
    return mixup > 0 ? mixupShares(images, mixup, this.seed, epochKey) : undefined;
  }

  async close(): Promise<void> {
    await this.pool.terminate(true);
  }
}

/** In a worker that was started as above. */
if (!isMainThread && workerData?.augmented) serveBatches(workerData.augmented);

function serveBatches({ path, sizePx, images, augmentation, seed }: Setup): void {
  const pixels = new PixelCache(sizePx, images, path);
  const [bytes, bytesOut] = [bytesPerImage(sizePx), bytesPerImage(augmentation.cropPx)];
  const augmentBatch = async (wanted: readonly ImageFile[], epochKey: string) => {
    const whole = pixels.read(wanted);
    const batch = new Uint8Array(wanted.length * bytesOut);
    for (const [index, { sha256 }] of wanted.entries()) {
      const image = whole.subarray(index * bytes, (index + 1) * bytes);
      batch.set(await augment(image, sizePx, augmentation, streamFor(seed, `${epochKey}, ${sha256}`)), index * bytesOut);
    }
    if (augmentation.mixup > 0) mixUp(batch, mixupShares(wanted, augmentation.mixup, seed, epochKey));
    return new workerpool.Transfer(batch, [batch.buffer]); // handed over without a copy
  };
  workerpool.worker({ augmentBatch });
}
