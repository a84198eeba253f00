/**
 * The two sides: 80 % to learn from, 20 % to be judged by. Drawn from a seed, in the same mix of ages and genders on both
 * sides, and never with two copies or near copies of a picture, or two pictures of one group, astride: that would let the
 * model be judged on what it has seen.
 */
import { InputError } from '../base/errors';
import { shuffled, streamFor } from '../base/random';
import { grouped } from '../base/text';
import { FOLDS } from '../config';
import { groupBy } from './bands';
import type { Catalog, FaceRecord, Split } from './record';

/** Lower bounds in years of the age bands that are mixed alike on both sides. */
const AGE_BANDS_YEARS = [0, 3, 10, 20, 30, 40, 50, 60, 70, 80, 90] as const;

export interface SplitOptions {
  readonly seed: number;
  /** In (0, 1). */
  readonly validationShare: number;
  /** Whether a face may be judged by; one that the model knows already may not, nor may what is chained to it. */
  readonly mayJudge?: (record: FaceRecord) => boolean;
}

/** A picture on the training side with a copy, a near copy or one of its group on the validation side. */
export interface Leak {
  readonly training: FaceRecord;
  readonly validation: FaceRecord;
  /** 1 for equal bytes; absent where the two are different pictures of one group. */
  readonly correlation?: number;
}

/** Index into AGE_BANDS_YEARS. */
export function ageBand(ageYears: number): number {
  return AGE_BANDS_YEARS.filter((lowest) => ageYears >= lowest).length - 1;
}

/**
 * Splits the catalog's records (distinct images with labels to trust). Near duplicates and groups stay together with
 * all that they are chained to; within each age band and gender the validation share is met to the nearest face wherever such chains allow.
 */
export function splitRecords(catalog: Pick<Catalog, 'records' | 'clusters'>, options: SplitOptions): Split {
  const { records } = catalog;
  const random = streamFor(options.seed, 'split');
  const wanted = wantedPerStratum(records, options.validationShare);
  const chosen = new Set<FaceRecord>();
  const chooseIfRoom = (cluster: readonly FaceRecord[]): void => {
    const left = [...groupBy(cluster, stratum)].map(([name, { length }]) => [name, (wanted.get(name) ?? 0) - length] as const);
    if (left.some(([, count]) => count < 0)) return;
    for (const [name, count] of left) wanted.set(name, count);
    for (const record of cluster) chosen.add(record);
  };
  const { mayJudge = () => true } = options;
  const clusters = shuffled(clustersOf(catalog), random).filter((cluster) => cluster.every(mayJudge));
  // Chains first, each by a draw of its own; single faces, of which there are plenty, then fill up what is missing.
  const chains = clusters.filter((cluster) => cluster.length > 1);
  for (const chain of chains) if (random() < options.validationShare) chooseIfRoom(chain);
  for (const cluster of clusters) if (cluster.length === 1) chooseIfRoom(cluster);
  for (const chain of chains) if (!chosen.has(chain[0])) chooseIfRoom(chain); // where single faces are few
  return { training: records.filter((record) => !chosen.has(record)), validation: records.filter((record) => chosen.has(record)) };
}

/** A split of the training side alone, by the same rules: nine tenths to learn from, one tenth to choose recipes by. */
export function selectionSplit(
  { training }: Split,
  { clusters }: Pick<Catalog, 'clusters'>,
  options: Omit<SplitOptions, 'validationShare'>,
): Split {
  return splitRecords({ records: training, clusters }, { ...options, validationShare: 0.1 });
}

/** One of the parts of `records`, counted from 1, to be judged by, by the same rules; `left` parts are still to be cut. */
export function foldSplit(
  { records, clusters }: Pick<Catalog, 'records' | 'clusters'>,
  fold: number,
  options: Omit<SplitOptions, 'validationShare'>,
  left: number = FOLDS.length,
): Split {
  const cut = splitRecords({ records, clusters }, { ...options, validationShare: 1 / left });
  const { validation } = fold === 1 ? cut : foldSplit({ records: cut.training, clusters }, fold - 1, options, left - 1);
  const judging = new Set(validation);
  return { training: records.filter((record) => !judging.has(record)), validation };
}

function stratum(record: FaceRecord): string {
  return `${ageBand(record.ageYears)}/${record.gender}`;
}

/** Rounded so that the errors of the strata cancel out: the whole meets the share as well as each part does. */
function wantedPerStratum(records: readonly FaceRecord[], share: number): Map<string, number> {
  const wanted = new Map<string, number>();
  let [seen, given] = [0, 0];
  for (const [name, { length }] of groupBy(records, stratum)) {
    seen += length;
    wanted.set(name, Math.round(seen * share) - given);
    given = Math.round(seen * share);
  }
  return wanted;
}

/** Names the near copies of one picture, and what else is chained to them, to which a face belongs; or the face that belongs to none. */
export function clusterOf({ clusters }: Pick<Catalog, 'clusters'>): (face: Pick<FaceRecord, 'sha256'>) => number | string {
  const numbers = new Map(clusters.flatMap((hashes, number) => hashes.map((hash) => [hash, number] as const)));
  return ({ sha256 }) => numbers.get(sha256) ?? sha256;
}

/** The records of each cluster, in the order of the records. */
export function clustersOf({ records, clusters }: Pick<Catalog, 'records' | 'clusters'>): readonly (readonly FaceRecord[])[] {
  return [...groupBy(records, clusterOf({ clusters })).values()];
}

/** Every copy, near copy (of those that the catalog lists) and group that lies astride; a sound split has none. */
export function findLeaks(split: Split, catalog: Pick<Catalog, 'nearDuplicates'>): readonly Leak[] {
  const training = new Map(split.training.map((record) => [record.sha256, record]));
  const validation = new Map(split.validation.map((record) => [record.sha256, record]));
  const copies = split.validation.map((record) => ({ first: record, second: record, correlation: 1 }));
  const swapped = catalog.nearDuplicates.map(({ first, second, correlation }) => ({ first: second, second: first, correlation }));
  const leaks: Leak[] = [];
  for (const { first, second, correlation } of [...copies, ...catalog.nearDuplicates, ...swapped]) {
    const [learned, judged] = [training.get(first.sha256), validation.get(second.sha256)];
    if (learned && judged) leaks.push({ training: learned, validation: judged, correlation });
  }
  const groups = new Map(split.training.map((record) => [record.group, record]));
  for (const judged of split.validation) {
    const learned = judged.group === undefined ? undefined : groups.get(judged.group);
    if (learned) leaks.push({ training: learned, validation: judged });
  }
  return leaks;
}

/** Throws an InputError, saying why, where a side is empty. */
export function requireBothSides(split: Split, { source, records, clusters, counts }: Catalog): void {
  const empty = (['training', 'validation'] as const).find((side) => split[side].length === 0);
  if (!empty) return;
  const groups = clustersOf({ records, clusters });
  if (records.length > 1 && groups.every((group) => group.length > 1)) {
    const what =
      groups.length === 1 ? 'near copies of one picture, or of one group' : `in ${groups.length} groups or chains of near copies`;
    throw new InputError(
      `${source.label}: all ${grouped(records.length)} faces are ${what}, and none can be set aside to judge the others. Expected other faces.`,
    );
  }
  throw new InputError(`${source.label}: no face is left for ${empty} out of ${counts.files} files. Expected at least 10 usable faces.`);
}
