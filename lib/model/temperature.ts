/**
 * How sure a network may be: the temperature that its logits are divided by, so that of the faces of which it says 80 % about 80 % are
 * so (Guo et al. 2017, "On calibration of modern neural networks"). Which answer is the likelier one stays as it is.
 */

/** Fewer say too little, and a calibrated network stays as it is. */
const FEWEST = 150;
const NEGLIGIBLE = 0.02;

/**
 * The temperature of least cross-entropy, in hundredths, for probabilities in (0, 1) of 1 and what was so, 0 or 1; 1 where these are
 * too few or would hardly change it.
 */
export function temperatureOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  if (labels.length < FEWEST) return 1;
  const logits = Array.from(probabilities, (p) => Math.log(p) - Math.log1p(-p)).map((logit) => Math.max(-50, Math.min(50, logit)));
  const loss = (temperature: number) =>
    logits.reduce((sum, logit, index) => sum + Math.log1p(Math.exp((labels[index] === 1 ? -logit : logit) / temperature)), 0);
  const candidates = Array.from({ length: 381 }, (_, step) => (20 + step) / 100);
  const best = candidates.reduce((least, candidate) => (loss(candidate) < loss(least) ? candidate : least));
  return Math.abs(best - 1) <= NEGLIGIBLE ? 1 : best;
}
