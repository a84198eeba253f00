/**
 * UTKFace writes its labels into the file names: `[age]_[gender]_[race]_[timestamp].jpg.chip.jpg`. This module reads them,
 * and names like them, and says of a name that it cannot read which label is not to be known.
 */
import path from 'node:path';
import { IMAGE_NAME } from '../images/find';
import type { FaceLabels } from './record';

/** The oldest age in UTKFace. */
export const MAX_AGE_YEARS = 116;

export const NOT_AN_IMAGE = 'not named like an image (.jpg, .png, .webp and the like)';

/** Why there are no labels. */
export interface Refusal {
  readonly reason: string;
}

/**
 * What stands before the ending in the wild: `.jpg.chip`, with a stray space before it, with the first dot missing, and
 * nothing, as in the photos before they were cropped.
 */
const CHIP = / ?\.?jpg\.chip$/i;
/** `yyyymmddHHMMSSFFF`; some of UTKFace's own have a digit too few or too many. */
const TIMESTAMP = /^\d{14,}$/;

/** What is left of a face's name without folder and endings: `26_0_2_20170112213001988`, whether cropped or not. */
export function stemOf(file: string): string {
  return path.posix.basename(file).replace(IMAGE_NAME, '').replace(CHIP, '');
}

/**
 * The labels in a file's name, or why they cannot be read. The last field only tells files
 * apart and may be anything. A name without a race is read too, unless it is one of UTKFace's own, told by its ending or its
 * timestamp: there a field was lost, and it may have been the gender.
 */
export function parseFaceName(file: string): (FaceLabels & { readonly ageYears: number }) | Refusal {
  if (!IMAGE_NAME.test(file)) return { reason: NOT_AN_IMAGE };
  const fields = stemOf(file).split('_');
  const last = fields.pop() ?? '';
  const [age = '', gender, race] = fields;
  if (!/^\d+$/.test(age)) return { reason: 'not named [age]_[gender]_[race]_[timestamp].jpg' };
  const isOfUtkFace = TIMESTAMP.test(last) || CHIP.test(file.replace(IMAGE_NAME, ''));
  if (fields.length < (isOfUtkFace ? 3 : 2)) return { reason: missingField(fields) };
  if (fields.length > 3) return { reason: `has ${fields.length + 1} fields where age, gender, race and timestamp are expected` };
  const ageYears = Number(age);
  if (ageYears > MAX_AGE_YEARS) return { reason: `age ${age} is out of range: expected 0 to ${MAX_AGE_YEARS}` };
  if (gender !== '0' && gender !== '1') return { reason: unknownField('gender', gender, '0 (male) or 1 (female)') };
  const labels = { ageYears, gender: gender === '0' ? 0 : 1 } as const;
  if (race === undefined) return labels;
  return /^[0-4]$/.test(race) ? { ...labels, race: Number(race) } : { reason: unknownField('race', race, '0 to 4') };
}

function unknownField(field: string, value: string, expected: string): string {
  return value === '' ? `the ${field} field is empty` : `${field} ${value} is out of range: expected ${expected}`;
}

/** Of `61_1_<timestamp>` nobody can say whether the 1 is the gender or the race; in `61_3_<timestamp>` it must be the race. */
function missingField(fields: readonly string[]): string {
  const [age, second] = fields;
  if (second === undefined) return `a field is missing: age ${age} is there, gender and race are not`;
  if (/^[01]$/.test(second)) return `a field is missing: gender and race cannot be known, ${second} may be either`;
  return `a field is missing: ${second} can only be the race, the gender cannot be known`;
}
