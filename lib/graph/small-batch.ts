/**
 * A graph that computes batches in parts needs an image for each part. Of a smaller batch every image is given so many times
 * over: the means over the batch, and with them losses and gradients, stay what they are.
 */
import type { Feed } from './session';

/** How often a batch of `count` images is to be given where there are `parts`. */
export function timesOver(count: number, parts: number): number {
  return count >= parts ? 1 : Math.ceil(parts / count);
}

/** The values `times` over, one copy after the other; the values themselves where once is enough. */
export function repeated<Values extends Feed['values']>(values: Values, times: number): Values {
  if (times === 1) return values;
  const result = new (values.constructor as new (length: number) => Values)(times * values.length);
  for (let copy = 0; copy < times; copy++) result.set(values, copy * values.length);
  return result;
}

/** The first of `times` copies. */
export function once(values: Float32Array, times: number): Float32Array {
  return times === 1 ? values : values.slice(0, values.length / times);
}
