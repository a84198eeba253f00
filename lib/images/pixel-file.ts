/** The file of raw pixels that `packImages` writes: uint8 RGB squares of one size, one after the other. */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

export function bytesPerImage(sizePx: number): number {
  return 3 * sizePx * sizePx;
}

/** One image `[sizePx, sizePx, 3]`. Throws where the file ends before it. */
export function readPacked(descriptor: number, sizePx: number, place: number): Uint8Array {
  const bytes = bytesPerImage(sizePx);
  const pixels = new Uint8Array(bytes);
  readPackedInto(descriptor, sizePx, place, pixels, 0);
  return pixels;
}

/** Reads one image into `target` from `offset` on. */
export function readPackedInto(descriptor: number, sizePx: number, place: number, target: Uint8Array, offset: number): void {
  const bytes = bytesPerImage(sizePx);
  const read = readSync(descriptor, target, offset, bytes, place * bytes);
  if (read !== bytes)
    throw new Error(`Packed image ${place}: expected ${bytes} bytes, got ${read}. Delete data/cache/pixels-* and try again.`);
}

/** Writes images that follow each other, the first of them at `place`. */
export async function writePacked(output: FileHandle, sizePx: number, place: number, pixels: Uint8Array): Promise<void> {
  const start = place * bytesPerImage(sizePx);
  for (let done = 0; done < pixels.length; ) {
    done += (await output.write(pixels, done, pixels.length - done, start + done)).bytesWritten; // a nearly full disk takes a part
  }
}
