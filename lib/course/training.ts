/** Training as the notebooks run it: the same sessions as `npm run train`, with progress and curves in the cell's output. */
import { inBatches } from '../base/parallel';
import { notebookProgress } from '../base/progress';
import { shuffled, streamFor } from '../base/random';
import { percent, years } from '../base/text';
import type { Config } from '../config';
import { readWeights, writeWeights } from '../model/layer-weights';
import { noteHtml, tableHtml } from '../pages/html';
import { liveFigures } from '../pages/show';
import { finishedHistory, finishedSession } from '../training/checkpoint';
import { trainBatches, validate } from '../training/epoch';
import { finishedMetrics, finishRun } from '../training/finish';
import { GraphStep, PLAIN_STEP } from '../training/graph-step';
import type { History } from '../training/history';
import { interruptible } from '../training/interrupt';
import { ageScaleOf } from '../training/metrics';
import { trainableLayers } from '../training/schedule';
import { type TrainingContext, trainSession, withTraining } from '../training/trainer';
import type { CourseRun } from './course-run';

/**
 * Trains session 1 or 2 of the run and returns its epochs; after session 2 the run has its `model/` and `metrics.json`.
 * A session that is finished stays as it is, unless it is asked for `again`; what followed it then goes with its first new
 * checkpoint.
 * The session's curves stand below the cell and grow with every epoch.
 */
export async function trainHere(run: CourseRun, session: 1 | 2, { again = false } = {}): Promise<History> {
  const place = liveFigures();
  const draw = () => place([run.curves('ageMaeYears', session), run.curves('genderAccuracy', session)]);
  const finished = again ? undefined : finishedHistory(run, session);
  if (finished && (session === 1 || finishedMetrics(run))) {
    draw();
    console.log(`Session ${session} is finished and stays as it is; trainHere(run, ${session}, { again: true }) trains it anew.`);
    return finished;
  }
  const onProgress = notebookProgress();
  return withTraining(run, { onProgress }, async (context) => {
    const history = await interruptible('To go on, run this cell again.', (signal) =>
      trainSession(context, session, { again, onProgress, onEpoch: draw, signal }),
    );
    draw(); // also where there was nothing left to train
    if (session === 2) await finishRun(run, context.model, context.pixels);
    return history;
  });
}

/**
 * What the unit of age does to gender: from the end of session 1, trains the whole network on the first `images` of an epoch
 * with ages in standard deviations, and again with ages in years, each measured on the validation side, and returns a table.
 * The run stays as it is. A run without a linear age head gets a line that says why there is nothing to show.
 */
export async function compareAgeScales(run: CourseRun, images: number): Promise<string> {
  if (run.config.ageHead !== 'unit') {
    return noteHtml('Nothing to compare in this run: its age head is a distribution over one-year bins, which knows years only.');
  }
  const columns = ['age learned in', 'age loss', 'gender loss', 'gender accuracy before', 'after', 'age MAE after'];
  return withTraining(run, { onProgress: notebookProgress() }, async (context) => {
    return tableHtml(columns, [await tryScale(context, 'standardised', images), await tryScale(context, 'years', images)]);
  });
}

/** Trains with ages in that unit; the table's row: both losses as they would be added up, and the validation side. */
async function tryScale({ run, pixels, model, scale }: TrainingContext, ageScale: Config['ageScale'], images: number): Promise<string[]> {
  const { batchSize, seed, sessions } = run.config;
  const plan = sessions[1];
  const own = ageScaleOf(ageScale, run.split.training);
  writeWeights(model.full, finishedSession(run, 1).state.weights);
  const { 'age/kernel': kernel, 'age/bias': bias } = readWeights(model.full);
  // The head says the same in its new unit: (w x + b) sd + mean years, taken apart again by the trial's own scale.
  const convert = (value: number, shift: number) => (value * scale.sdYears + shift) / own.sdYears;
  writeWeights(model.full, {
    'age/kernel': { shape: kernel.shape, values: kernel.values.map((value) => convert(value, 0)) },
    'age/bias': { shape: bias.shape, values: bias.values.map((value) => convert(value, scale.meanYears - own.meanYears)) },
  });
  const step = new GraphStep(model.full, trainableLayers(plan.trainable), { ...PLAIN_STEP, objective: run.config.objective });
  const onProgress = notebookProgress();
  const order = shuffled(run.split.training, streamFor(seed, 'age scales')).slice(0, images);
  const unit = ageScale === 'years' ? 'years' : 'standard deviations';
  const label = `Age in ${unit}`;
  const batches = inBatches(order, batchSize);
  const judge = () => validate(model.full, pixels, inBatches(run.split.validation, batchSize), own);
  try {
    const before = await judge();
    const steps = trainBatches(step, pixels, { batches, epochKey: label, learningRateOf: () => plan.learningRate, scale: own });
    for await (const { batches: done } of steps) onProgress({ label, done, total: batches.length, unit: 'steps' });
    writeWeights(model.full, step.state().weights);
    const after = await judge();
    const losses = [before.ageLoss.toFixed(2), before.genderLoss.toFixed(2)];
    return [unit, ...losses, percent(before.genderAccuracy), percent(after.genderAccuracy), years(after.ageMaeYears)];
  } finally {
    step.dispose();
  }
}
