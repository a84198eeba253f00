/**
 * UTKFace writes its labels into the file names: `[age]_[gender]_[race]_[timestamp].jpg.chip.jpg`. This module reads them,
 * and says of a name that it cannot read which label is not to be known.
 */
import type { Gender } from './record';

export interface FaceLabels {
  readonly ageYears: number;
  readonly gender: Gender;
  /** Index into RACE_NAMES. */
  readonly race: number;
}

/** The oldest age in UTKFace. */
export const MAX_AGE_YEARS = 116;

/**
 * The endings met in the wild: `.jpg.chip.jpg`, with a stray space before it, with the first dot missing, and the plain
 * ending of the photos before they were cropped.
 */
const ENDING = /(?: ?\.?jpg\.chip)?\.(?:jpg|jpeg|png)$/i;

/**
 * The labels in a file's name (the last part of its path), or why they cannot be read. Timestamps of any length pass:
 * three of UTKFace's own have a digit too few or too many.
 */
export function parseFaceName(fileName: string): FaceLabels | { readonly reason: string } {
  if (!ENDING.test(fileName)) return { reason: 'not named like an image (.jpg, .jpeg or .png)' };
  const fields = fileName.replace(ENDING, '').split('_');
  const timestamp = fields.pop() ?? '';
  if (!/^\d+$/.test(timestamp) || !/^\d+$/.test(fields[0] ?? '')) {
    return { reason: 'not named [age]_[gender]_[race]_[timestamp].jpg' };
  }
  if (fields.length < 3) return { reason: missingField(fields) };
  if (fields.length > 3) return { reason: `has ${fields.length + 1} fields where age, gender, race and timestamp are expected` };
  const [age, gender, race] = fields;
  const ageYears = Number(age);
  if (ageYears > MAX_AGE_YEARS) return { reason: `age ${age} is out of range: expected 0 to ${MAX_AGE_YEARS}` };
  if (gender !== '0' && gender !== '1') return { reason: unknownField('gender', gender, '0 (male) or 1 (female)') };
  if (!/^[0-4]$/.test(race)) return { reason: unknownField('race', race, '0 to 4') };
  return { ageYears, gender: gender === '0' ? 0 : 1, race: Number(race) };
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
