/** One pass over the training side, batch by batch, and one look at the validation side, whatever the step and the inputs are. */
import type * as tf from '@tensorflow/tfjs';
import { InputError } from '../base/errors';
import type { FaceRecord } from '../data/record';
import type { AugmentedImages } from '../images/augmented';
import { mixUp } from '../images/mixup';
import { openForward } from '../model/forward';
import type { GraphStep, TrainingState } from './graph-step';
import type { EpochMetrics } from './history';
import type { Batch, Labels } from './labels';
import { type Accumulator, type AgeScale, accumulate, EMPTY, metricsOf } from './metrics';

type Records = readonly FaceRecord[];

/** Where a batch's numbers come from: a file of pixels or features, or what augments pixels while the step runs. */
export type InputSource = { read(records: Records): Batch['inputs'] } | AugmentedImages;

/** The inputs of each batch, in turn. What is random is drawn anew for each `epochKey`. */
async function* inputsOf(source: InputSource, batches: readonly Records[], epochKey: string): AsyncGenerator<Batch['inputs']> {
  if ('read' in source) for (const records of batches) yield source.read(records);
  else yield* source.batches(batches, epochKey);
}

/** Names an epoch, counted from 1, and all that is random in it: the order of faces, and how each is augmented. */
export function epochKeyOf(session: number, epoch: number): string {
  return `session ${session}, epoch ${epoch}`;
}

/** How far an epoch has come: enough to go on within it. */
export interface EpochPosition {
  readonly batches: number;
  readonly sums: Accumulator;
  /** Of training itself; what happens between two batches, such as saving, is not counted. */
  readonly seconds: number;
}

export const EPOCH_START: EpochPosition = { batches: 0, sums: EMPTY, seconds: 0 };

export interface EpochPlan {
  readonly batches: readonly Records[];
  readonly epochKey: string;
  /** Of a batch, counted from 0 within the epoch. */
  readonly learningRateOf: (batch: number) => number;
  readonly scale: AgeScale;
  readonly from?: EpochPosition;
}

/**
 * Trains on the batches in the order given, and tells after each how far it is. The metrics of a position are averages over
 * the steps, while the weights move. Throws an InputError, naming step and learning rate, where the loss is no longer a number.
 */
export async function* trainBatches(step: GraphStep, source: InputSource, plan: EpochPlan): AsyncGenerator<EpochPosition> {
  const { batches, epochKey, scale, learningRateOf, from = EPOCH_START } = plan;
  let position = from;
  let sinceMs = performance.now();
  for await (const inputs of inputsOf(source, batches.slice(from.batches), epochKey)) {
    const learningRate = learningRateOf(position.batches);
    const records = batches[position.batches];
    const labels = labelsOf(records, scale);
    const shares = 'read' in source ? undefined : source.sharesOf(records, epochKey);
    const result = step.step({ inputs, ...labels, shares }, learningRate);
    const loss = result.ageLoss + result.genderLoss;
    if (!Number.isFinite(loss)) throw fallenApart(`${epochKey}, step ${position.batches + 1}: the loss is ${loss}`, learningRate);
    if (shares) mixUp(labels.ages, shares);
    const sums = accumulate(position.sums, result, labels, scale);
    position = { batches: position.batches + 1, sums, seconds: position.seconds + (performance.now() - sinceMs) / 1000 };
    yield position;
    sinceMs = performance.now();
    await new Promise(setImmediate); // lets progress, Ctrl-C and the notebook's stop button through
  }
}

/** Measures what the model, pixels or features to answers, says of the batches. What `onBatch` throws ends it. */
export async function validate(
  model: tf.LayersModel,
  source: InputSource,
  batches: readonly Records[],
  scale: AgeScale,
  onBatch?: () => Promise<void>,
): Promise<EpochMetrics> {
  const forward = await openForward(model);
  let sums = EMPTY;
  let done = 0;
  try {
    for await (const inputs of inputsOf(source, batches, 'validation')) {
      const [agesSaid, gendersSaid] = await forward.run(inputs);
      sums = accumulate(sums, { ages: agesSaid, genders: gendersSaid }, labelsOf(batches[done++], scale), scale);
      await new Promise(setImmediate);
      await onBatch?.();
    }
    return metricsOf(sums);
  } finally {
    forward.dispose();
  }
}

function labelsOf(records: Records, scale: AgeScale): Labels {
  return {
    ages: Float32Array.from(records, ({ ageYears }) => (ageYears - scale.meanYears) / scale.sdYears),
    genders: Int32Array.from(records, ({ gender }) => gender),
  };
}

/** The NaN guard of every checkpoint, as that of the loss is every step's: throws an InputError where a weight, a moment or an average is no number. */
export function requireFiniteState(state: TrainingState, place: string, learningRate: number): void {
  for (const arrays of [state.weights, state.firstMoments, state.secondMoments, state.ema]) {
    for (const [name, { values }] of Object.entries(arrays)) {
      // A loop over indices: there are millions, and a callback for each would be felt at every checkpoint.
      for (let index = 0; index < values.length; index++) {
        if (!Number.isFinite(values[index])) throw fallenApart(`${place}: the update makes ${name} ${values[index]}`, learningRate);
      }
    }
  }
}

function fallenApart(what: string, learningRate: number): InputError {
  return new InputError(
    `${what} at learning rate ${learningRate.toPrecision(3)}. ` +
      'The last checkpoint is kept as it was before; start a new run with a lower learning rate.',
  );
}
