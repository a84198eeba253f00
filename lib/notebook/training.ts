/** Training as the notebooks run it: the same sessions as `npm run train`, with progress in the cell's output. */
import type { Config } from '../config';
import { notebookProgress } from '../display';
import { readWeights, writeWeights } from '../model/layer-weights';
import { shuffled, streamFor } from '../random';
import { type EpochPosition, inBatches, trainEpoch, validate } from '../training/epoch';
import { finishRun } from '../training/finish';
import { openStep, type TrainingGround } from '../training/ground';
import type { EpochMetrics, History } from '../training/history';
import { ageScaleOf } from '../training/metrics';
import { trainSession } from '../training/session';
import { finishedSession } from '../training/session-state';
import { packedSource } from '../training/sources';
import { openTrainingRun } from '../training/train';
import type { CourseRun } from './open-run';

/** Trains session 1 or 2 of the run and returns its epochs; after session 2 the run has its `model/` and `metrics.json`. */
export async function trainHere(run: CourseRun, session: 1 | 2): Promise<History> {
  return withTraining(run, async (ground) => {
    const history = await trainSession(ground, session, { onProgress: notebookProgress() });
    if (session === 2) await finishRun(ground);
    return history;
  });
}

export interface ScaleTrial {
  readonly ageScale: Config['ageScale'];
  readonly before: EpochMetrics;
  readonly after: EpochMetrics;
}

/**
 * What the unit of age does to gender: from the end of session 1, trains the whole network on the first `images` of an
 * epoch with ages in standard deviations, and again with ages in years, each measured on the validation side. The run
 * stays as it is.
 */
export async function compareAgeScales(run: CourseRun, images: number): Promise<ScaleTrial[]> {
  const trials: ScaleTrial[] = [];
  for (const ageScale of ['standardised', 'years'] as const) {
    trials.push(await withTraining(run, (ground) => tryScale(ground, ageScale, images)));
  }
  return trials;
}

async function tryScale(
  { run, data, images: pixels, model, scale }: TrainingGround,
  ageScale: Config['ageScale'],
  images: number,
): Promise<ScaleTrial> {
  const { batchSize, seed, sessions } = run.config;
  const plan = sessions[1];
  const own = ageScaleOf(ageScale, data.split.training);
  writeWeights(model.full, finishedSession(run, 1).state.weights);
  const { 'age/kernel': kernel, 'age/bias': bias } = readWeights(model.full);
  // The head says the same in its new unit: (w x + b) sd + mean years, taken apart again by the trial's own scale.
  const convert = (value: number, shift: number) => (value * scale.sdYears + shift) / own.sdYears;
  writeWeights(model.full, {
    'age/kernel': { shape: kernel.shape, values: kernel.values.map((value) => convert(value, 0)) },
    'age/bias': { shape: bias.shape, values: bias.values.map((value) => convert(value, scale.meanYears - own.meanYears)) },
  });
  const step = await openStep(model.full, plan, { objective: run.config.objective, averageDecay: 0 });
  const onProgress = notebookProgress();
  const order = shuffled(data.split.training, streamFor(seed, 'age scales')).slice(0, images);
  const label = `Age in ${ageScale === 'years' ? 'years' : 'standard deviations'}`;
  const batches = inBatches(order, batchSize);
  const source = packedSource(pixels);
  const judge = () => validate((inputs) => step.predict(inputs), source, inBatches(data.split.validation, batchSize), own);
  const onBatch = (position: EpochPosition) => onProgress({ label, done: position.batches, total: batches.length, unit: 'steps' });
  try {
    const before = await judge();
    await trainEpoch(step, source, { batches, pass: label, learningRateAt: () => plan.learningRate, scale: own, onBatch });
    return { ageScale, before, after: await judge() };
  } finally {
    step.dispose();
  }
}

/** Opens what training needs, gives it to `use`, and puts it away whatever happens. */
export async function withTraining<T>(run: CourseRun, use: (ground: TrainingGround) => Promise<T>): Promise<T> {
  const ground = await openTrainingRun(run, { onProgress: notebookProgress() });
  try {
    return await use(ground);
  } finally {
    ground.dispose();
  }
}
