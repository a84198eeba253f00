/** What happens to one image before the network sees it: prepared step by step, and augmented epoch after epoch. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { streamFor } from '../base/random';
import { NO_AUGMENTATION } from '../config';
import type { FaceRecord } from '../data/record';
import { augment } from '../images/augment';
import { decodeRgb, imageOf } from '../images/decode';
import { preprocess } from '../images/preprocess';
import { escapeHtml } from '../pages/html';
import { imageGridHtml } from '../pages/images';
import { resolveConfig } from '../presets';
import { epochKeyOf } from '../training/epoch';
import { phasesOf } from '../training/schedule';
import type { CourseRun } from './course-run';

/**
 * Decodes, crops, scales and normalises an image exactly as training does: `pixels` are uint8 RGB, row by row; `input` is the same
 * in [-1, 1], what the network sees; `picture` is HTML, the original beside the square. `isPhoto` marks it for reports without faces.
 */
export async function preprocessImage(file: string, sizePx: number, isPhoto: boolean) {
  const pixels = await decodeRgb(file, sizePx);
  const original = sharp(await readFile(file)).autoOrient();
  const { width, height } = (await original.metadata()).autoOrient;
  const jpeg = await original.resize({ height: 320, withoutEnlargement: true }).jpeg({ quality: 85 }).toBuffer();
  const cells = [
    { jpeg, caption: `the file: ${width} x ${height} px`, faces: isPhoto },
    { png: await pngOf(pixels, sizePx), caption: `what is left: ${sizePx} x ${sizePx} px`, faces: isPhoto },
  ];
  return { pixels, input: preprocess(pixels), picture: imageGridHtml(cells, 160) };
}

/**
 * The face as it is and as so many epochs of session 2 see it, under a line that says whether this run does so at all. A
 * run without augmentation is shown what preset best would do.
 */
export async function augmentedFace(run: CourseRun, face: FaceRecord, epochs = 8): Promise<string> {
  const { imageSizePx, augmentation, seed } = run.config;
  const image = await decodeRgb(run.fileOf(face), imageSizePx);
  const cell = async (pixels: Uint8Array, sizePx: number, caption: string) => {
    return { png: await pngOf(pixels, sizePx), caption, faces: !run.drawn };
  };
  const best = resolveConfig({ preset: 'best', imageSize: imageSizePx }).augmentation ?? NO_AUGMENTATION;
  const phases = phasesOf(run.config).filter(({ session }) => session === 2);
  const versions = Array.from({ length: epochs }, async (_, index) => {
    const phase = phases.filter(({ firstEpoch }) => firstEpoch <= index + 1).pop();
    const shown = phase?.augmentation ?? best;
    const seen = await augment(image, imageSizePx, shown, streamFor(seed, `${epochKeyOf(2, index + 1)}, ${face.sha256}`));
    return cell(seen, shown.cropPx, `epoch ${index + 1}`);
  });
  const cells = await Promise.all([cell(image, imageSizePx, 'as it is'), ...versions]);
  const without = 'This run uses no augmentation: it sees every face as it is. With the augmentation of preset best, it would see:';
  const title = augmentation === null ? without : 'This run never sees a face twice the same way. Session 2 sees this one so:';
  return `<div><strong>${escapeHtml(title)}</strong>${imageGridHtml(cells, 80)}</div>`;
}

/** A square of RGB values as a picture. */
export function pngOf(pixels: Uint8Array, sizePx: number): Promise<Buffer> {
  return imageOf(pixels, sizePx).png().toBuffer();
}
