/** What an epoch does, the same however often it is interrupted: its batches in order, and the learning rate of each. */
import { shuffled, streamFor } from '../base/random';
import { type EpochPlan, inBatches } from './epoch';
import type { TrainingGround } from './ground';
import { learningRateAt } from './schedule';

/** An epoch of session 1 or 2, counted from 1. */
export function planEpoch(
  { run, data }: Pick<TrainingGround, 'run' | 'data'>,
  session: 1 | 2,
  epoch: number,
): Pick<EpochPlan, 'batches' | 'pass' | 'learningRateAt'> {
  const { batchSize, seed, sessions } = run.config;
  const pass = `session ${session}, epoch ${epoch}`;
  const batches = inBatches(shuffled(data.split.training, streamFor(seed, pass)), batchSize);
  const epochsBefore = epoch - 1 + (session === 2 ? sessions[0].epochs : 0);
  return {
    batches,
    pass,
    learningRateAt: (batch) => learningRateAt(run.config, epochsBefore * batches.length + batch, batches.length),
  };
}
