/** A smaller data set out of a large one, for quick looks and tests. */
import { shuffled, streamFor } from '../base/random';

/**
 * `limit` of the items, drawn at random by the seed and returned in their old order; all of them when there are no more or
 * no limit is given. A larger limit with the same seed contains the smaller one's items.
 */
export function randomSubset<T>(items: readonly T[], limit: number | undefined, seed: number): readonly T[] {
  if (limit === undefined || limit >= items.length) return items;
  const order = shuffled(
    items.map((_, index) => index),
    streamFor(seed, 'limit'),
  );
  return order
    .slice(0, limit)
    .sort((a, b) => a - b)
    .map((index) => items[index]);
}
