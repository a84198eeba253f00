/** One pass over the training side, and one look at the validation side, whatever the step and the input are. */
import type { FaceRecord } from '../dataset/record';
import type { EpochMetrics } from './history';
import { type AgeScale, MetricSums } from './metrics';
import type { Batch, Predictions, TrainingStep } from './step';

/** Where a batch's numbers come from: packed pixels, or features made once by a frozen base. */
export interface InputSource {
  /** `[records, …]`, in the order asked for. */
  read(records: readonly FaceRecord[]): Batch['inputs'];
}

export interface EpochOptions {
  readonly batchSize: number;
  readonly scale: AgeScale;
  /** Called after each batch with the number of images done and the running averages. */
  readonly onBatch?: (done: number, soFar: EpochMetrics) => void;
}

/** Trains on `records` in the order given. The metrics are averages over the steps, while the weights move. */
export async function trainEpoch(
  step: TrainingStep,
  source: InputSource,
  records: readonly FaceRecord[],
  learningRate: number,
  options: EpochOptions,
): Promise<EpochMetrics> {
  return passOver(records, options, (batch) => step.step({ inputs: source.read(batch), ...labels(batch, options.scale) }, learningRate));
}

/** Predicts `records` and measures; changes nothing. */
export async function validate(
  step: Pick<TrainingStep, 'predict'>,
  source: InputSource,
  records: readonly FaceRecord[],
  options: EpochOptions,
): Promise<EpochMetrics> {
  return passOver(records, options, (batch) => step.predict(source.read(batch)));
}

async function passOver(
  records: readonly FaceRecord[],
  { batchSize, scale, onBatch }: EpochOptions,
  predict: (batch: readonly FaceRecord[]) => Predictions,
): Promise<EpochMetrics> {
  const sums = new MetricSums(scale);
  for (let first = 0; first < records.length; first += batchSize) {
    const batch = records.slice(first, first + batchSize);
    const { ages, genders } = labels(batch, scale);
    sums.add(predict(batch), ages, genders);
    onBatch?.(first + batch.length, sums.metrics());
    await new Promise(setImmediate); // lets progress, Ctrl-C and the notebook's stop button through
  }
  return sums.metrics();
}

function labels(records: readonly FaceRecord[], scale: AgeScale): Pick<Batch, 'ages' | 'genders'> {
  return {
    ages: Float32Array.from(records, ({ ageYears }) => (ageYears - scale.meanYears) / scale.sdYears),
    genders: Int32Array.from(records, ({ gender }) => gender),
  };
}
