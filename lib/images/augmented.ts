/**
 * Packed images, augmented in a worker while the training step runs: the step blocks this thread, so the next batches
 * are made on another. What a batch holds depends on the seed, the pass and the images alone.
 */
import { Worker } from 'node:worker_threads';
import { projectPath, typeScriptArguments } from '../base/project';
import type { FaceRecord } from '../data/record';
import type { Augmentation } from './augment';
import type { AugmentedBatch, BatchRequest, WorkerSetup } from './augment-worker';
import { neighbourShares } from './mixup';
import type { PackedImages } from './pixel-cache';

/** How many batches are made ahead. */
const AHEAD = 4;

export class AugmentedImages {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { resolve(pixels: Uint8Array): void; reject(error: Error): void }>();
  private failure: Error | undefined;
  private requested = 0;

  /** Starts the worker; the caller closes this, and keeps `images` open until then. */
  constructor(
    private readonly images: PackedImages,
    private readonly augmentation: Augmentation,
    private readonly seed: number,
  ) {
    const setup: WorkerSetup = { file: images.path, sizePx: images.sizePx, augmentation, seed };
    this.worker = new Worker(projectPath('lib', 'images', 'augment-worker.ts'), {
      workerData: setup,
      execArgv: typeScriptArguments(),
    });
    this.worker.on('message', ({ number, buffer }: AugmentedBatch) => {
      this.waiting.get(number)?.resolve(new Uint8Array(buffer));
      this.waiting.delete(number);
    });
    this.worker.on('error', (error: Error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('The worker that augments images has ended.')));
  }

  /** uint8 RGB `[batch, cropPx, cropPx, 3]`, batch by batch. */
  async *batches(batches: readonly (readonly FaceRecord[])[], pass: string): AsyncGenerator<Uint8Array> {
    const ahead: Promise<Uint8Array>[] = [];
    for (let next = 0; next < batches.length; next++) {
      while (ahead.length < AHEAD && next + ahead.length < batches.length) ahead.push(this.request(batches[next + ahead.length], pass));
      const batch = ahead.shift();
      if (batch) yield await batch;
    }
  }

  /** How much of its neighbour each image of a batch has taken on; undefined where none do. */
  sharesOf(records: readonly FaceRecord[], pass: string): Float32Array | undefined {
    const { mixup } = this.augmentation;
    return mixup > 0 ? neighbourShares(records, mixup, this.seed, pass) : undefined;
  }

  async close(): Promise<void> {
    this.worker.removeAllListeners('exit');
    await this.worker.terminate();
  }

  private request(records: readonly FaceRecord[], pass: string): Promise<Uint8Array> {
    const request: BatchRequest = {
      number: this.requested++,
      pass,
      images: records.map((record) => ({ place: this.images.placeOf(record), sha256: record.sha256 })),
    };
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      if (this.failure) reject(this.failure);
      else this.waiting.set(request.number, { resolve, reject });
    });
    answer.catch(() => undefined); // a batch that nobody waits for any more must not count as unhandled
    this.worker.postMessage(request);
    return answer;
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
