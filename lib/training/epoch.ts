/** One pass over the training side, and one look at the validation side, whatever the step and the input are. */
import type { FaceRecord } from '../data/record';
import { blendNeighbours } from '../images/mixup';
import { requireFiniteLoss } from './finite';
import type { EpochMetrics } from './history';
import { type AgeScale, addBatch, metricsOf, NO_SUMS, type Sums } from './metrics';
import type { Batch, Predictions, TrainingStep } from './step';

/** Where a batch's numbers come from: packed pixels, augmented ones, or features made once by a frozen base. */
export interface InputSource {
  /** The inputs of each batch, in turn. `pass` names the epoch: what is random is drawn anew for each name. */
  batches(batches: readonly Records[], pass: string): AsyncIterable<Batch['inputs']> | Iterable<Batch['inputs']>;
  /** The shares of a batch whose images are blended. */
  sharesOf?(batch: Records, pass: string): Batch['shares'];
}

type Records = readonly FaceRecord[];

/** How far an epoch has come: enough to go on within it. */
export interface EpochPosition {
  readonly batches: number;
  readonly sums: Sums;
  readonly seconds: number;
}

export const EPOCH_START: EpochPosition = { batches: 0, sums: NO_SUMS, seconds: 0 };

export interface EpochPlan {
  readonly batches: readonly Records[];
  readonly pass: string;
  /** Of a batch, counted from 0 within the epoch. */
  readonly learningRateAt: (batch: number) => number;
  readonly scale: AgeScale;
  readonly from?: EpochPosition;
  /** Called after each batch; what it awaits is awaited before the next, and what it throws ends the epoch. */
  readonly onBatch?: (position: EpochPosition, soFar: EpochMetrics) => void | Promise<void>;
}

/** The records in batches of `size`, the last one perhaps smaller. */
export function inBatches(records: Records, size: number): Records[] {
  return Array.from({ length: Math.ceil(records.length / size) }, (_, index) => records.slice(index * size, (index + 1) * size));
}

/**
 * Trains on the batches in the order given. The metrics of the position returned are averages over the steps, while the
 * weights move. Throws an InputError, naming step and learning rate, where the loss is no longer a number.
 */
export async function trainEpoch(step: TrainingStep, source: InputSource, plan: EpochPlan): Promise<EpochPosition> {
  const { batches, pass, scale, learningRateAt, from = EPOCH_START, onBatch } = plan;
  let position = from;
  const startedMs = performance.now() - 1000 * from.seconds;
  for await (const inputs of source.batches(batches.slice(from.batches), pass)) {
    const learningRate = learningRateAt(position.batches);
    const records = batches[position.batches];
    const { ages, genders } = labels(records, scale);
    const shares = source.sharesOf?.(records, pass);
    const result = step.step({ inputs, ages, genders, shares }, learningRate);
    requireFiniteLoss(result.ageLoss + result.genderLoss, { pass, step: position.batches + 1, learningRate });
    const sums = addBatch(position.sums, result, shares ? blendNeighbours(ages, shares) : ages, genders, scale);
    position = { batches: position.batches + 1, sums, seconds: (performance.now() - startedMs) / 1000 };
    await onBatch?.(position, metricsOf(sums));
    await new Promise(setImmediate); // lets progress, Ctrl-C and the notebook's stop button through
  }
  return position;
}

/** Predicts the batches and measures; changes nothing. What `onBatch` throws ends it. */
export async function validate(
  predict: (inputs: Batch['inputs']) => Predictions,
  source: InputSource,
  batches: readonly Records[],
  scale: AgeScale,
  onBatch?: () => Promise<void>,
): Promise<EpochMetrics> {
  let sums = NO_SUMS;
  let done = 0;
  for await (const inputs of source.batches(batches, 'validation')) {
    const { ages, genders } = labels(batches[done++], scale);
    sums = addBatch(sums, predict(inputs), ages, genders, scale);
    await new Promise(setImmediate);
    await onBatch?.();
  }
  return metricsOf(sums);
}

function labels(records: Records, scale: AgeScale): Pick<Batch, 'ages' | 'genders'> {
  return {
    ages: Float32Array.from(records, ({ ageYears }) => (ageYears - scale.meanYears) / scale.sdYears),
    genders: Int32Array.from(records, ({ gender }) => gender),
  };
}
