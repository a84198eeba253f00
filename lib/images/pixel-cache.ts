/**
 * Images decoded once, to one file of raw pixels, and read from there a batch at a time: memory stays the same whatever the
 * size of the data, and no epoch pays for decoding again.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { streamFileAtomically } from '../base/files';
import { eachChunk } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import type { FaceRecord } from '../data/record';
import { DECODING } from './decode-files';
import { bytesPerImage, readPackedInto, writePacked } from './pixel-file';

export class PackedImages {
  private readonly file: number;
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    readonly sizePx: number,
    records: readonly FaceRecord[],
    /** The file of raw pixels. */
    readonly path: string,
  ) {
    this.file = openSync(path, 'r');
    this.places = new Map(records.map(({ sha256 }, index) => [sha256, index]));
  }

  /** uint8 RGB `[records, sizePx, sizePx, 3]`, in the order asked for. */
  read(records: readonly FaceRecord[]): Uint8Array {
    const bytes = bytesPerImage(this.sizePx);
    const pixels = new Uint8Array(records.length * bytes);
    for (const [index, record] of records.entries()) {
      readPackedInto(this.file, this.sizePx, this.placeOf(record), pixels, index * bytes);
    }
    return pixels;
  }

  /** Where in the file an image lies, counted in images. */
  placeOf({ sha256, file }: FaceRecord): number {
    const place = this.places.get(sha256);
    if (place === undefined) throw new Error(`${file} is not among the packed images.`);
    return place;
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
  let done = 0;
  await streamFileAtomically(target, async (output) => {
    await eachChunk(DECODING, records, async ({ decodeFiles }, chunk, first) => {
      const files = chunk.map(({ file }) => path.join(folder, file));
      await writePacked(output, sizePx, first, await decodeFiles(files, sizePx));
      done += chunk.length;
      onProgress?.({ label: 'Decoding faces', done, total: records.length, unit: 'images' });
    });
  });
}
