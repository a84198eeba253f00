/** What the labels are worth: how far apart those of one picture are, where it is in the data more than once. */
import { mean, median } from '../data/bands';
import { type Catalog, type Face, hasAge } from '../data/record';

type Pair = readonly [Face, Face];

/**
 * Of pairs of labels. A perfect reader of pictures would still be found to err, by what labels err themselves: that is inferred as if both of
 * a pair erred alike and each by itself. Normal errors of age differ by √2 times what each is (rare gross ones by up to twice), and labels of
 * gender that are wrong with probability e differ with 2e(1 - e). An indication, no bound: whoever is filed twice is no random sample.
 */
export type LabelNoise = ReturnType<typeof noiseOf>;

/** How labels differ within exact copies, within those of them that anyone labelled twice, and within near copies. */
export function labelNoise({ exactDuplicates, nearDuplicates }: Pick<Catalog, 'exactDuplicates' | 'nearDuplicates'>) {
  const copies = exactDuplicates.flatMap(({ records }) => pairsOf(records));
  const differ = ([a, b]: Pair) => a.ageYears !== b.ageYears || a.gender !== b.gender || a.race !== b.race;
  return {
    copies: noiseOf(copies),
    'copies under two labels': noiseOf(copies.filter(differ)),
    'near copies': noiseOf(nearDuplicates.map(({ first, second }): Pair => [first, second])),
  };
}

/** Null where there is nothing to measure on; shares in [0, 1]. */
function noiseOf(pairs: readonly Pair[]) {
  const years = pairs.flatMap(([a, b]) => (hasAge(a) && hasAge(b) ? [Math.abs(a.ageYears - b.ageYears)] : []));
  const meanYears = years.length > 0 ? mean(years) : null;
  const gendersDiffer = pairs.length > 0 ? mean(pairs.map(([a, b]) => Number(a.gender !== b.gender))) : null;
  return {
    pairs: pairs.length,
    meanYears,
    medianYears: years.length > 0 ? median(years) : null,
    gendersDiffer,
    perfectReader: {
      ageMaeYears: meanYears === null ? null : meanYears / Math.SQRT2,
      genderAccuracy: gendersDiffer === null ? null : (1 + Math.sqrt(Math.max(0, 1 - 2 * gendersDiffer))) / 2,
    },
  };
}

function pairsOf(records: readonly Face[]): Pair[] {
  return records.flatMap((first, index) => records.slice(index + 1).map((second): Pair => [first, second]));
}
