/** Photos whose labels.csv gives an age as a bin (columns file, age_lo, age_hi, gender): the labelled face is the one in the middle. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface BinnedPhoto {
  readonly file: string;
  /** First and last year, Infinity where there is no last one. */
  readonly ageYears: readonly [from: number, to: number];
  /** 1 is female. */
  readonly gender: 0 | 1;
}

export function readBinnedPhotos(folder: string): readonly BinnedPhoto[] {
  const [header, ...rows] = readFileSync(path.join(folder, 'labels.csv'), 'utf8').trim().split(/\r?\n/);
  assert.match(header, /^file,age_lo,age_hi,gender\b/, `${folder}: expected a labels.csv with the columns file, age_lo, age_hi, gender`);
  return rows.map((row) => {
    const [file, from, to, gender] = row.split(',');
    assert.match(gender, /^(fe)?male$/, row);
    return {
      file: path.join(folder, file),
      ageYears: [Number(from), to === '' ? Number.POSITIVE_INFINITY : Number(to)],
      gender: gender === 'female' ? 1 : 0,
    };
  });
}
