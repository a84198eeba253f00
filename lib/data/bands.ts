/** Faces grouped: by any key, and by the decades that tables and bars speak of. */

/** The items of each decade, in order: everybody from 80 on in one, for beyond that faces are few; decades without any left out. */
export function byDecade<T>(items: readonly T[], ageOf: (item: T) => number): readonly { label: string; items: readonly T[] }[] {
  const decades = [...groupBy(items, (item) => Math.min(80, 10 * Math.floor(ageOf(item) / 10)))].sort(([a], [b]) => a - b);
  return decades.map(([fromYears, items]) => ({ label: fromYears < 80 ? `${fromYears}–${fromYears + 9}` : '80+', items }));
}

/** The items of each key, in the order in which keys first occur. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T, index: number) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item, index);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The middle value, between two the mean of both: the constant with the least mean absolute error. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return mean([sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]);
}
