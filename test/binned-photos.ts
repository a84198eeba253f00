/** Photos whose labels.csv gives ages as ranges: the labelled face is the one in the middle. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { readLabels } from '../lib/data/labels';
import type { Gender } from '../lib/data/record';
import { listFiles } from '../lib/images/find';

export interface BinnedPhoto {
  readonly file: string;
  /** First and last year, Infinity where there is no last one. */
  readonly ageYears: readonly [from: number, to: number];
  readonly gender: Gender;
}

export function readBinnedPhotos(folder: string): readonly BinnedPhoto[] {
  const files = listFiles(folder);
  const labels = readLabels(folder, files);
  const photos = files.flatMap(({ file }) => {
    const known = labels.of(file);
    if ('reason' in known || !known.ageRangeYears) return [];
    const [from, to] = known.ageRangeYears;
    return [{ file: path.join(folder, file), ageYears: [from, to ?? Number.POSITIVE_INFINITY] as const, gender: known.gender }];
  });
  assert.ok(photos.length > 0, `${folder}: expected a labels.csv with the columns file, age_lo, age_hi, gender`);
  return photos;
}
