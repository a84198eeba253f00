/** An epoch's line of the history: what its steps measured, and what the weights that are kept say of the validation side. */
import { openForward } from '../model/forward';
import { type EpochPosition, inBatches, validate } from './epoch';
import { planEpoch } from './epoch-plan';
import type { TrainingGround } from './ground';
import type { EpochRecord } from './history';
import { metricsOf } from './metrics';
import type { SessionSources } from './sources';

export interface FinishedEpoch {
  readonly session: 1 | 2;
  readonly epoch: number;
  readonly end: EpochPosition;
}

/**
 * Judges the weights that the model holds now. `onBatch` is called after each batch of faces; what it awaits is awaited,
 * and what it throws ends the judging.
 */
export async function recordEpoch(
  ground: TrainingGround,
  sources: SessionSources,
  { session, epoch, end }: FinishedEpoch,
  onBatch?: () => Promise<void>,
): Promise<EpochRecord> {
  const { run, data, model, scale } = ground;
  const { training, validation } = data.split;
  const headsOnly = run.config.sessions[session - 1].trainable === 'heads';
  const { batches, learningRateAt } = planEpoch(ground, session, epoch);
  const judged = inBatches(validation, Math.max(run.config.batchSize, 32));
  const forward = await openForward(headsOnly ? model.heads : model.full);
  const predict = (inputs: Uint8Array | Float32Array) => {
    const [ages, genders] = forward.run(inputs);
    return { ages, genders };
  };
  try {
    return {
      session,
      epoch,
      training: metricsOf(end.sums),
      validation: await validate(predict, sources.validation, judged, scale, onBatch),
      learningRate: learningRateAt(batches.length - 1),
      seconds: end.seconds,
      imagesPerSecond: training.length / end.seconds,
    };
  } finally {
    forward.dispose();
  }
}
