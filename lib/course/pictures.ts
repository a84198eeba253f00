/** Faces of the run as pictures in a notebook: small JPEGs, marked as photos of people or as drawn. */
import path from 'node:path';
import sharp from 'sharp';
import { shuffled, streamFor } from '../base/random';
import { type FaceRecord, GENDER_NAMES } from '../data/record';
import { escapeHtml } from '../pages/html';
import { type ImageCell, imageGridHtml } from '../pages/images';
import type { CourseRun } from './open-run';

/** "34 years, female", "1 year, male". */
export function labelText({ ageYears, gender }: Pick<FaceRecord, 'ageYears' | 'gender'>): string {
  return `${ageYears} year${ageYears === 1 ? '' : 's'}, ${GENDER_NAMES[gender]}`;
}

/** A picture of a face with a caption; twice as many pixels as it is wide on the page. */
export async function faceCell(run: CourseRun, { file }: Pick<FaceRecord, 'file'>, caption: string, widthPx = 112): Promise<ImageCell> {
  const image = sharp(path.join(run.catalog.source.folder, file)).resize({ width: 2 * widthPx, withoutEnlargement: true });
  return { jpeg: await image.jpeg({ quality: 85 }).toBuffer(), caption, faces: !run.drawn };
}

/** A grid of faces with their labels, or with the caption that `captionOf` makes. */
export async function faceGrid(
  run: CourseRun,
  records: readonly FaceRecord[],
  captionOf: (record: FaceRecord) => string = labelText,
): Promise<string> {
  return imageGridHtml(await Promise.all(records.map((record) => faceCell(run, record, captionOf(record)))));
}

/** Groups of faces that belong together, one row of pictures each, under a line that says why. */
export async function faceGroups(
  run: CourseRun,
  groups: readonly { readonly title: string; readonly records: readonly FaceRecord[] }[],
): Promise<string> {
  const rows = groups.map(async ({ title, records }) => {
    const grid = await faceGrid(run, records, (record) => `${labelText(record)}\n${path.basename(record.file)}`);
    return `<div><strong>${escapeHtml(title)}</strong>${grid}</div>`;
  });
  return (await Promise.all(rows)).join('');
}

/** So many records drawn at random, the same for the same seed and purpose. */
export function sample(run: CourseRun, records: readonly FaceRecord[], count: number, purpose: string): FaceRecord[] {
  return shuffled(records, streamFor(run.config.seed, purpose)).slice(0, count);
}
