/** The nouns of the data set: what is known of one face, and what the catalog says of all of them. */
import type { FoundFile } from '../images/find';

/** Perceived gender as UTKFace annotates it: 0 male, 1 female. */
export type Gender = 0 | 1;

export const GENDER_NAMES = ['male', 'female'] as const;

/** The gender that an answer names: the more probable one, and the first where both are equally so, as Keras's accuracy counts. */
export function genderOf(femaleProbability: number): Gender {
  return femaleProbability > 0.5 ? 1 : 0;
}

/** UTKFace's five annotated groups, by code. */
export const RACE_NAMES = ['White', 'Black', 'Asian', 'Indian', 'Other'] as const;

/** What is known of who is in a picture: by UTKFace's file names, or by a labels.csv of one's own. */
export interface FaceLabels {
  /** Whole or not; absent where it is not known. */
  readonly ageYears?: number;
  /** First and last whole year, for who is only known to be within; null where there is no last. Never learned from. */
  readonly ageRangeYears?: readonly [first: number, last: number | null];
  readonly gender: Gender;
  /** Index into RACE_NAMES; used for exploration and evaluation by group, never for training. Absent where it is not known. */
  readonly race?: number;
  /** Names a person who occurs more than once, or whatever else must stay on one side of a split. */
  readonly group?: string;
}

/** One usable face: its file and its labels. */
export interface Face extends FaceLabels {
  /** Path below the data folder, with forward slashes. */
  readonly file: string;
  /** SHA-256 of the file's bytes, in hex: the identity of the image whatever its name. */
  readonly sha256: string;
}

/** A face of known age: only such a one is ever learned from. */
export interface FaceRecord extends Face {
  readonly ageYears: number;
}

export function hasAge(face: Face): face is FaceRecord {
  return face.ageYears !== undefined;
}

/** A file that cannot be used, and why. */
export interface QuarantinedFile {
  /** Path below the data folder, with forward slashes; a folder ends with one. */
  readonly file: string;
  readonly reason: string;
  /** How many files a folder's row stands for. */
  readonly files?: number;
}

/** Files with the same bytes. The first by name stands for all, unless the labels disagree too much to trust any. */
export interface DuplicateGroup {
  readonly records: readonly Face[];
  readonly agesDiffer: boolean;
  readonly gendersDiffer: boolean;
  /** Left out of training and validation: the genders differ, or the ages by more than 5 years. */
  readonly leftOut: boolean;
}

/** Two different files that show (nearly) the same picture. */
export interface NearDuplicatePair {
  readonly first: Face;
  readonly second: Face;
  /** Pearson correlation of their 32 x 32 grey images, in [0.98, 1]. */
  readonly correlation: number;
}

/** Where the faces come from. */
export interface DataSource {
  readonly kind: 'folder' | 'archive' | 'drawn';
  /** Absolute path of the folder that holds the image files (for an archive, where it was unpacked). */
  readonly folder: string;
  /** What to call it in figures and reports: "UTKFace.tar.gz", "drawn faces". */
  readonly label: string;
  /** What lies below the folder and belongs to the data set, by name. */
  readonly files: readonly FoundFile[];
  /** What lies beside it or below it and does not, such as a second copy of all faces. */
  readonly leftOut: readonly QuarantinedFile[];
}

/** Everything known about a data set before any of it is learned from. */
export interface Catalog {
  readonly source: DataSource;
  /** Every usable file, surplus copies and faces of unknown age included, by name. */
  readonly usable: readonly Face[];
  /** One record for each distinct image fit to learn from: of known age, no surplus copies, no left-out groups. By name. */
  readonly records: readonly FaceRecord[];
  readonly quarantined: readonly QuarantinedFile[];
  readonly exactDuplicates: readonly DuplicateGroup[];
  /** Among the distinct images; at most MOST_PAIRS of them. */
  readonly nearDuplicates: readonly NearDuplicatePair[];
  /** Content hashes of images that must stay on one side of a split: chains of near duplicates, and groups. */
  readonly clusters: readonly (readonly string[])[];
  readonly counts: CatalogCounts;
  /** SHA-256 over the sorted names and content hashes of all files: the identity of the data. */
  readonly sha256: string;
}

export type CatalogCounts = ReturnType<typeof countsOf>;

/** Of files, a left-out folder's among them: files = usable + quarantined. `ageUnknown` is absent where all ages are known. */
export function countsOf(found: Pick<Catalog, 'usable' | 'quarantined' | 'exactDuplicates' | 'nearDuplicates'>) {
  const { usable, exactDuplicates } = found;
  const quarantined = found.quarantined.reduce((sum, { files = 1 }) => sum + files, 0);
  const ageUnknown = usable.filter((face) => !hasAge(face)).length;
  return {
    files: usable.length + quarantined,
    usable: usable.length,
    quarantined,
    exactDuplicateGroups: exactDuplicates.length,
    surplusFiles: exactDuplicates.reduce((sum, { records }) => sum + records.length - 1, 0),
    ageConflictGroups: exactDuplicates.filter(({ agesDiffer }) => agesDiffer).length,
    genderConflictGroups: exactDuplicates.filter(({ gendersDiffer }) => gendersDiffer).length,
    nearDuplicatePairs: found.nearDuplicates.length,
    ...(ageUnknown > 0 && { ageUnknown }),
  };
}

/** The two sides. No duplicate group has a member on both. */
export interface Split {
  readonly training: readonly FaceRecord[];
  readonly validation: readonly FaceRecord[];
}

/** Hex digits kept of each SHA-256: among 24,000 images the chance of any two sharing them is one in a million. */
export const HASH_DIGITS = 12;

export function shortHash(sha256: string): string {
  return sha256.slice(0, HASH_DIGITS);
}
