/**
 * Mixup: each example of a batch takes on a share of the one after it, in pictures and labels alike: between two faces the network then
 * learns to answer in between, and finds less to learn by heart (Zhang et al. 2018, "mixup: Beyond Empirical Risk
 * Minimization"; here the neighbour's share is drawn evenly).
 */
import { streamFor } from '../base/random';

/** How much of its neighbour each image takes, drawn from [0, mixup) by seed, epoch and image. */
export function mixupShares(images: readonly { readonly sha256: string }[], mixup: number, seed: number, epochKey: string): Float32Array {
  return Float32Array.from(images, ({ sha256 }) => mixup * streamFor(seed, `blend, ${epochKey}, ${sha256}`)());
}

/** Mixes, in place, each of `shares.length` rows with the row after it, the last with the first. */
export function mixUp<Values extends Uint8Array | Float32Array>(rows: Values, shares: Float32Array): Values {
  const width = rows.length / shares.length;
  const rounding = rows instanceof Uint8Array ? 0.5 : 0;
  const first = rows.slice(0, width);
  for (const [row, share] of shares.entries()) {
    const [start, next] = [row * width, (row + 1) * width];
    const last = next === rows.length;
    for (let index = 0; index < width; index++) {
      const neighbour = last ? first[index] : rows[next + index];
      rows[start + index] = rows[start + index] + share * (neighbour - rows[start + index]) + rounding;
    }
  }
  return rows;
}
