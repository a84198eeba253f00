import { availableParallelism } from 'node:os';
import { mapConcurrent } from '../../lib/base/parallel';
import { decodeRgb, imageOf } from '../../lib/images/decode';

/** Each pixel the mean of all pictures, as a JPEG of a square: nobody's face, but where everybody has eyes and mouth. */
export async function meanFace(files: readonly string[], sizePx = 96): Promise<Buffer> {
  const sums = new Float64Array(3 * sizePx ** 2);
  await mapConcurrent(files, availableParallelism(), async (file) => {
    const pixels = await decodeRgb(file, sizePx);
    for (let index = 0; index < sums.length; index++) sums[index] += pixels[index];
  });
  const means = Uint8Array.from(sums, (sum) => Math.round(sum / files.length));
  return imageOf(means, sizePx).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
}
