/** Notebook 4's experiment: what the unit of age does to gender. */

import { notebookProgress } from '../base/progress';
import { shuffled, streamFor } from '../base/random';
import type { Config } from '../config/config';
import { percent, years } from '../figures/figure';
import { readWeights, writeWeights } from '../model/layer-weights';
import { noteHtml, tableHtml } from '../pages/html';
import { type EpochPosition, inBatches, trainEpoch, validate } from '../training/epoch';
import { openStep, type TrainingGround } from '../training/ground';
import type { EpochMetrics } from '../training/history';
import { ageScaleOf } from '../training/metrics';
import { finishedSession } from '../training/session-state';
import { packedSource } from '../training/sources';
import { PLAIN_STEP } from '../training/step';
import type { CourseRun } from './open-run';
import { withTraining } from './training';

interface ScaleTrial {
  readonly ageScale: Config['ageScale'];
  readonly before: EpochMetrics;
  readonly after: EpochMetrics;
}

const NOTHING_TO_COMPARE =
  'Nothing to compare in this run: its age head is a distribution over one-year bins, which knows years only. ' +
  'The experiment needs the linear age head of the presets demo and classic.';

/**
 * From the end of session 1, trains the whole network on the first `images` of an epoch with ages in standard deviations,
 * and again with ages in years, each measured on the validation side, and returns a table. The run stays as it is. A run
 * without a linear age head gets a line that says why there is nothing to show.
 */
export async function compareAgeScales(run: CourseRun, images: number): Promise<string> {
  if (run.config.ageHead !== 'unit') return noteHtml(NOTHING_TO_COMPARE);
  const trials: ScaleTrial[] = [];
  for (const ageScale of ['standardised', 'years'] as const) {
    trials.push(await withTraining(run, (ground) => tryScale(ground, ageScale, images)));
  }
  return trialTable(trials);
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
  const step = await openStep(model.full, plan, { ...PLAIN_STEP, objective: run.config.objective });
  const onProgress = notebookProgress();
  const order = shuffled(data.split.training, streamFor(seed, 'age scales')).slice(0, images);
  const label = `Age in ${unitOf(ageScale)}`;
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

/** Both losses as they were added up, and the validation side before and after. */
function trialTable(trials: readonly ScaleTrial[]): string {
  const columns = ['age learned in', 'age loss', 'gender loss', 'gender accuracy before', 'after', 'age MAE after'];
  const rows = trials.map(({ ageScale, before, after }) => [
    unitOf(ageScale),
    before.ageLoss.toFixed(2),
    before.genderLoss.toFixed(2),
    percent(before.genderAccuracy),
    percent(after.genderAccuracy),
    years(after.ageMaeYears),
  ]);
  return tableHtml(columns, rows);
}

function unitOf(ageScale: Config['ageScale']): string {
  return ageScale === 'years' ? 'years' : 'standard deviations';
}
