/** Two models on the same faces: what is between them, and how sure that is. */
import type { Random } from '../../lib/base/random';
import { type Catalog, type Face, shortHash } from '../../lib/data/record';
import { clusterOf } from '../../lib/data/split';
import { bootstrap, type Estimate } from '../../lib/evaluation/bootstrap';
import { type Answered, errorYears, isRight, unseenBy } from '../../lib/evaluation/evaluate';
import { readSplitHashes } from '../../lib/model/model-folder';

/** Second minus first: of the mean absolute errors, null where no age is known, and of the shares of right genders. */
export function differenceOf(
  [first, second]: readonly (readonly Answered<Face>[])[],
  catalog: Pick<Catalog, 'clusters'>,
  random: Random,
): { readonly ageMaeYears: Estimate | null; readonly genderAccuracy: Estimate | null } {
  const cluster = clusterOf(catalog);
  const between = (measure: (answered: Answered<Face>) => number) => {
    const pairs = first.map((answered, index) => ({ ...answered.record, apart: measure(second[index]) - measure(answered) }));
    const known = pairs.filter(({ apart }) => !Number.isNaN(apart));
    return known.length > 0 ? bootstrap(known, ({ apart }) => apart, cluster, random) : null;
  };
  return { ageMaeYears: between(errorYears), genderAccuracy: between(isRight) };
}

/** The faces that judge both models or, where the data has none of these, all that neither has learned from. */
export function facesForBoth(modelFolders: readonly string[], { records, usable }: Catalog): readonly Face[] {
  const judging = modelFolders.map((folder) => new Set(readSplitHashes(folder).validation));
  const judged = records.filter(({ sha256 }) => judging.every((hashes) => hashes.has(shortHash(sha256))));
  return judged.length > 0 ? judged : modelFolders.reduce((faces, folder) => unseenBy(folder, faces), usable);
}

/** "+0.12", "−0.12". */
export const signed = (value: number, digits: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
