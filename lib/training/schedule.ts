/** The learning rate of every step of a run. */
import type { Config } from '../config/config';

/**
 * The learning rate of a step, counted from 0 over the whole run. It rises in equal strides over the warm-up, to
 * `learningRate`; then it stays, or falls along half a cosine to 0 at the run's last step (Loshchilov and Hutter 2017).
 */
export function learningRateAt({ warmUpSteps, decay }: Config['schedule'], learningRate: number, step: number, totalSteps: number): number {
  if (step < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  if (decay === 'constant') return learningRate;
  const done = (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps);
  return 0.5 * learningRate * (1 + Math.cos(Math.PI * done));
}
