/** Files with the same bytes under different names: who stands for whom, and which groups no label can be trusted in. */
import type { DuplicateGroup, FaceRecord } from './record';

/** Copies of one image whose ages lie further apart than this are left out of training and validation. */
export const MAX_AGE_DISAGREEMENT_YEARS = 5;

/** Groups of two or more files with equal bytes, in the order of their first file; `usable` comes sorted by name. */
export function exactDuplicates(usable: readonly FaceRecord[]): readonly DuplicateGroup[] {
  const byHash = new Map<string, FaceRecord[]>();
  for (const record of usable) {
    const group = byHash.get(record.sha256);
    if (group) group.push(record);
    else byHash.set(record.sha256, [record]);
  }
  return [...byHash.values()].filter((group) => group.length > 1).map(describeGroup);
}

function describeGroup(records: readonly FaceRecord[]): DuplicateGroup {
  const ages = records.map((record) => record.ageYears);
  const spreadYears = Math.max(...ages) - Math.min(...ages);
  const gendersDiffer = records.some((record) => record.gender !== records[0].gender);
  return { records, agesDiffer: spreadYears > 0, gendersDiffer, leftOut: gendersDiffer || spreadYears > MAX_AGE_DISAGREEMENT_YEARS };
}

/** The first file by name of every distinct image, whatever its copies say. */
export function distinctImages(usable: readonly FaceRecord[]): readonly FaceRecord[] {
  const seen = new Set<string>();
  return usable.filter(({ sha256 }) => !seen.has(sha256) && seen.add(sha256));
}
