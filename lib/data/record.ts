/** The nouns of the data set: what is known of one face, and what the catalog says of all of them. */

/** Perceived gender as UTKFace annotates it: 0 male, 1 female. */
export type Gender = 0 | 1;

export const GENDER_NAMES = ['male', 'female'] as const;

/** The gender that an answer names: the more probable one, and the first where both are equally so, as Keras's accuracy counts. */
export function genderOf(femaleProbability: number): Gender {
  return femaleProbability > 0.5 ? 1 : 0;
}

/** UTKFace's five annotated groups, by code. */
export const RACE_NAMES = ['White', 'Black', 'Asian', 'Indian', 'Other'] as const;

/** One usable face: its file below the data folder, and the labels that the file's name carries. */
export interface FaceRecord {
  /** Path below the data folder, with forward slashes. */
  readonly file: string;
  /** SHA-256 of the file's bytes, in hex: the identity of the image whatever its name. */
  readonly sha256: string;
  readonly ageYears: number;
  readonly gender: Gender;
  /** Index into RACE_NAMES; used for exploration and evaluation by group, never for training. */
  readonly race: number;
}

/** A file that cannot be used, and why. */
export interface QuarantinedFile {
  readonly file: string;
  readonly reason: string;
}

/** Files with the same bytes. The first by name stands for all, unless the labels disagree too much to trust any. */
export interface DuplicateGroup {
  readonly records: readonly FaceRecord[];
  /** Any two ages differ. */
  readonly agesDiffer: boolean;
  /** Any two genders differ. */
  readonly gendersDiffer: boolean;
  /** Left out of training and validation: the genders differ, or the ages by more than 5 years. */
  readonly leftOut: boolean;
}

/** Two different files that show (nearly) the same picture. */
export interface NearDuplicatePair {
  readonly first: FaceRecord;
  readonly second: FaceRecord;
  /** Pearson correlation of their 32 x 32 grey images, in [0.98, 1]. */
  readonly correlation: number;
}

/** Where the faces come from. */
export interface DataSource {
  readonly kind: 'folder' | 'archive' | 'drawn';
  /** Absolute path of the folder that holds the image files (for an archive, where it was unpacked). */
  readonly folder: string;
  /** What to call it in figures and reports: "UTKFace.tar.gz", "drawn faces (seed 1)". */
  readonly label: string;
}

export interface CatalogCounts {
  readonly files: number;
  readonly usable: number;
  readonly quarantined: number;
  readonly exactDuplicateGroups: number;
  readonly surplusFiles: number;
  readonly ageConflictGroups: number;
  readonly genderConflictGroups: number;
  readonly nearDuplicatePairs: number;
}

/** Everything known about a data set before any of it is learned from. */
export interface Catalog {
  readonly source: DataSource;
  /** Every usable file, surplus copies included, by name. */
  readonly usable: readonly FaceRecord[];
  /** One record for each distinct image fit to learn from: no surplus copies, no left-out groups. By name. */
  readonly records: readonly FaceRecord[];
  readonly quarantined: readonly QuarantinedFile[];
  readonly exactDuplicates: readonly DuplicateGroup[];
  /** Among the distinct images. */
  readonly nearDuplicates: readonly NearDuplicatePair[];
  readonly counts: CatalogCounts;
  /** SHA-256 over the sorted names and content hashes of all files: the identity of the data. */
  readonly sha256: string;
}

/** The two sides. No duplicate group has a member on both. */
export interface Split {
  readonly training: readonly FaceRecord[];
  readonly validation: readonly FaceRecord[];
}
