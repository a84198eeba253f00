/** Decoding by the dozen, for processes that do nothing else. */
import { decodeRgb } from './decode';
import { bytesPerImage } from './pixel-file';

export const DECODING = { script: 'lib/images/decode-process.ts', functions: { decodeFiles } };

/** uint8 RGB `[files, sizePx, sizePx, 3]`; errors as decodeRgb. */
async function decodeFiles(files: readonly string[], sizePx: number): Promise<Uint8Array> {
  const bytes = bytesPerImage(sizePx);
  const pixels = new Uint8Array(files.length * bytes);
  for (const [index, file] of files.entries()) pixels.set(await decodeRgb(file, sizePx), index * bytes);
  return pixels;
}
