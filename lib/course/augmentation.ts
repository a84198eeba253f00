/** Notebook 4: one face as augmentation shows it, epoch after epoch. */
import path from 'node:path';
import sharp from 'sharp';
import { streamFor } from '../base/random';
import { PRESETS } from '../config/presets';
import type { FaceRecord } from '../data/record';
import { type Augmentation, augment, NO_AUGMENTATION } from '../images/augment';
import { decodeRgb } from '../images/decode';
import { escapeHtml } from '../pages/html';
import { imageGridHtml } from '../pages/images';
import { augmentationAt } from '../training/stage';
import type { CourseRun } from './open-run';

const WIDTH_PX = 80;

/**
 * The face as it is and as so many epochs of session 2 see it, under a line that says whether this run does so at all. A
 * run without augmentation is shown what preset best would do.
 */
export async function augmentedFace(run: CourseRun, { file, sha256 }: FaceRecord, epochs = 8): Promise<string> {
  const { imageSizePx, augmentation, seed } = run.config;
  const options = augmentation ?? bestAt(imageSizePx);
  const image = await decodeRgb(path.join(run.catalog.source.folder, file), imageSizePx);
  const cell = async (pixels: Uint8Array, sizePx: number, caption: string) => {
    const png = await sharp(pixels, { raw: { width: sizePx, height: sizePx, channels: 3 } })
      .png()
      .toBuffer();
    return { png, caption, faces: !run.drawn };
  };
  const versions = Array.from({ length: epochs }, (_, index) => {
    const pass = `session 2, epoch ${index + 1}`; // what the images of an epoch are drawn from
    const shown = augmentationAt(run.config, 2, index + 1) ?? options;
    const seen = augment(image, imageSizePx, shown, streamFor(seed, `${pass}, ${sha256}`));
    return cell(seen, shown.cropPx, `epoch ${index + 1}`);
  });
  const cells = await Promise.all([cell(image, imageSizePx, 'as it is'), ...versions]);
  const title =
    augmentation === null
      ? 'This run uses no augmentation: it sees every face as it is. With the augmentation of preset best, it would see:'
      : 'This run never sees a face twice the same way. Session 2 sees this one so:';
  return `<div><strong>${escapeHtml(title)}</strong>${imageGridHtml(cells, WIDTH_PX)}</div>`;
}

/** Preset best's augmentation for images of another size. */
function bestAt(sizePx: number): Augmentation {
  const { augmentation, imageSizePx } = PRESETS.best;
  const { cropPx, ...rest } = augmentation ?? NO_AUGMENTATION;
  return { ...rest, cropPx: Math.round((sizePx * cropPx) / imageSizePx) };
}
