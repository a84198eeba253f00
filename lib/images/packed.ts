/**
 * Images decoded once, to one file of raw pixels, and read from there a batch at a time: memory stays the same whatever the
 * size of the data, and no epoch pays for decoding again.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { mapConcurrent } from '../concurrency';
import type { FaceRecord } from '../dataset/record';
import type { ProgressListener } from '../progress';
import { projectPath } from '../project';
import { decodeRgb } from './decode';

/** How many images are decoded before their pixels are written out. */
const CHUNK = 256;
const DECODED_AT_A_TIME = 4;

export class PackedImages {
  private readonly file: number;
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    readonly sizePx: number,
    records: readonly FaceRecord[],
    file: string,
  ) {
    this.file = openSync(file, 'r');
    this.places = new Map(records.map(({ sha256 }, index) => [sha256, index]));
  }

  /** uint8 RGB `[records, sizePx, sizePx, 3]`, in the order asked for. */
  read(records: readonly FaceRecord[]): Uint8Array {
    const bytes = bytesPerImage(this.sizePx);
    const pixels = new Uint8Array(records.length * bytes);
    for (const [index, { sha256, file }] of records.entries()) {
      const place = this.places.get(sha256);
      if (place === undefined) throw new Error(`${file} is not among the packed images.`);
      readSync(this.file, pixels, index * bytes, bytes, place * bytes);
    }
    return pixels;
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Decodes `records` below `folder` to squares of `sizePx`, or finds them in the cache; the caller closes what it gets. */
export async function packImages(
  folder: string,
  records: readonly FaceRecord[],
  sizePx: number,
  onProgress?: ProgressListener,
): Promise<PackedImages> {
  const key = createHash('sha256')
    .update(`${sizePx}\n${records.map(({ sha256 }) => sha256).join('\n')}`)
    .digest('hex')
    .slice(0, 16);
  const target = projectPath('data', 'cache', `pixels-${sizePx}-${key}.u8`);
  const complete = existsSync(target) && statSync(target).size === records.length * bytesPerImage(sizePx);
  if (!complete) await decodeAll(folder, records, sizePx, target, onProgress);
  return new PackedImages(sizePx, records, target);
}

async function decodeAll(
  folder: string,
  records: readonly FaceRecord[],
  sizePx: number,
  target: string,
  onProgress?: ProgressListener,
): Promise<void> {
  const temporary = `${target}.${process.pid}.part`;
  await mkdir(path.dirname(target), { recursive: true });
  const output = await open(temporary, 'w');
  try {
    for (let first = 0; first < records.length; first += CHUNK) {
      const chunk = records.slice(first, first + CHUNK);
      const images = await mapConcurrent(chunk, DECODED_AT_A_TIME, ({ file }) => decodeRgb(path.join(folder, file), sizePx));
      await output.writev(images);
      onProgress?.({ label: 'Decoding faces', done: first + chunk.length, total: records.length, unit: 'images' });
    }
    await output.close();
    await rename(temporary, target);
  } catch (error) {
    await output.close();
    rmSync(temporary, { force: true });
    throw error;
  }
}

function bytesPerImage(sizePx: number): number {
  return 3 * sizePx * sizePx;
}
