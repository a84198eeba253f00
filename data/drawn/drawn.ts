/**
 * The data set that comes with the course: 800 faces drawn by a program, so that everything runs at once, offline, and without
 * anybody's photo. Age and gender show in them roughly as in life; they are no substitute for real faces, and every page
 * that uses them says so.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolderAtomically } from '../../lib/base/files';
import { mapConcurrent } from '../../lib/base/parallel';
import type { ProgressListener } from '../../lib/base/progress';
import { streamFor } from '../../lib/base/random';
import { photograph } from './photo';
import { planDrawnFaces } from './plan';
import { drawPose, portraitSvg } from './portrait';
import { drawTraits } from './traits';

/** How many files the embedded data set has. */
export const DRAWN_COUNT = 800;

export interface DrawnOptions {
  readonly seed: number;
  readonly count: number;
}

/**
 * Fills `folder` with `count` JPEG files of 200 x 200 px named as in UTKFace; the same seed and count give the same bytes.
 * The folder appears when it is complete.
 * @throws InputError when there is no room or no permission to write
 */
export async function writeDrawnFaces(folder: string, { seed, count }: DrawnOptions, onProgress?: ProgressListener): Promise<void> {
  const planned = planDrawnFaces(seed, count);
  let done = 0;
  await makeFolderAtomically(folder, async (temporary) => {
    await mapConcurrent(planned, 4, async ({ file, portrait, labels, retouch }) => {
      const random = streamFor(seed, `drawn face ${portrait}`);
      const svg = portraitSvg(drawTraits(labels, random), drawPose(random));
      await writeFile(path.join(temporary, file), await photograph(svg, random, retouch));
      onProgress?.({ label: 'Drawing faces', done: ++done, total: count, unit: 'faces' });
    });
  });
}
