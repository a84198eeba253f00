/** What is left of an epoch: all of it, or what an interruption left. Saves every few minutes, and when it is asked to stop. */

import type { ProgressListener } from '../base/progress';
import type { Objective } from '../config';
import { type EpochPosition, trainEpoch } from './epoch';
import { planEpoch } from './epoch-plan';
import type { TrainingGround } from './ground';
import type { EpochMetrics } from './history';
import { throwIfStopped } from './interrupt';
import type { SessionSources } from './sources';
import type { TrainingStep } from './step';

export interface EpochPart {
  readonly session: 1 | 2;
  readonly epoch: number;
  readonly from: EpochPosition;
  save(position: EpochPosition): Promise<void>;
}

export interface PartOptions {
  readonly onProgress?: ProgressListener;
  /** Once aborted, the step is finished and saved, and an InterruptedError says how to go on. */
  readonly signal?: AbortSignal;
  /** Least time between two checkpoints within an epoch; 0 for one after every step. Default: three minutes. */
  readonly checkpointSeconds?: number;
}

const CHECKPOINT_SECONDS = 180;

/** Trains the rest of the epoch and returns its end, which is not saved yet. */
export async function trainPart(
  ground: TrainingGround,
  step: TrainingStep,
  sources: SessionSources,
  { session, epoch, from, save }: EpochPart,
  { onProgress, signal, checkpointSeconds = CHECKPOINT_SECONDS }: PartOptions,
): Promise<EpochPosition> {
  const { run, scale } = ground;
  const { sessions, batchSize, objective } = run.config;
  const label = `Session ${session}, epoch ${epoch} of ${sessions[session - 1].epochs}`;
  const plan = planEpoch(ground, session, epoch);
  const total = ground.data.split.training.length;
  let savedMs = performance.now();
  const onBatch = async (position: EpochPosition, soFar: EpochMetrics) => {
    const done = Math.min(position.batches * batchSize, total);
    onProgress?.({ label, done, total, unit: 'images', detail: describe(soFar, objective) });
    if (signal?.aborted === true || performance.now() - savedMs > 1000 * checkpointSeconds) {
      await save(position);
      savedMs = performance.now();
    }
    throwIfStopped(signal, run, `in ${label.toLowerCase()}, after ${position.batches} of ${plan.batches.length} steps`);
  };
  return trainEpoch(step, sources.training, { ...plan, scale, from, onBatch });
}

/** The loss is shown where it is what the steps minimise. */
function describe({ loss, ageMaeYears, genderAccuracy }: EpochMetrics, { ageSquared }: Objective): string {
  const measures = `age MAE ${ageMaeYears.toFixed(2)} years, gender accuracy ${(100 * genderAccuracy).toFixed(1)} %`;
  return ageSquared > 0 ? `loss ${loss.toFixed(3)}, ${measures}` : measures;
}
