/** The learning rate of every step of a run. */
import type { Config } from '../config/config';

/**
 * The learning rate of a step, counted from 0 over the whole run. It rises in equal strides over the warm-up, to
 * `learningRate`, and stays; or it stays for `holdShare` of the run and then falls along half a cosine to 0 at the run's
 * last step (Loshchilov and Hutter 2017).
 */
export function learningRateAt(schedule: Config['schedule'], learningRate: number, step: number, totalSteps: number): number {
  const { warmUpSteps, holdShare, decay } = schedule;
  if (step < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  const fallsFrom = Math.max(warmUpSteps, Math.round(holdShare * totalSteps));
  if (decay === 'constant' || step < fallsFrom) return learningRate;
  const done = (step - fallsFrom) / Math.max(1, totalSteps - fallsFrom);
  return 0.5 * learningRate * (1 + Math.cos(Math.PI * done));
}
