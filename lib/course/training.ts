/** Training as the notebooks run it: the same sessions as `npm run train`, with progress and curves in the cell's output. */
import { notebookProgress } from '../base/progress';
import { shuffled, streamFor } from '../base/random';
import { percent, years } from '../base/text';
import type { Config } from '../config';
import { readWeights, writeWeights } from '../model/layer-weights';
import { noteHtml, tableHtml } from '../pages/html';
import { liveFigures } from '../pages/show';
import { type EpochPosition, inBatches, trainEpoch, validate } from '../training/epoch';
import { finishRun } from '../training/finish';
import { openStep, type TrainingGround } from '../training/ground';
import type { EpochMetrics, History } from '../training/history';
import { interruptible } from '../training/interrupt';
import { ageScaleOf } from '../training/metrics';
import { trainSession } from '../training/session';
import { finishedSession } from '../training/session-state';
import { packedSource } from '../training/sources';
import { PLAIN_STEP } from '../training/step';
import { openTrainingRun, trainOnce } from '../training/train';
import type { CourseRun } from './course-run';

/**
 * Trains session 1 or 2 of the run and returns its epochs; after session 2 the run has its `model/` and `metrics.json`.
 * A session that is finished keeps its epochs, unless it is asked for `again`; what followed it is then dropped.
 * The session's curves stand below the cell and grow with every epoch.
 */
export async function trainHere(run: CourseRun, session: 1 | 2, { again = false } = {}): Promise<History> {
  return withTraining(run, async (ground) => {
    const place = liveFigures();
    const draw = () => place([run.curves('ageMaeYears', session), run.curves('genderAccuracy', session)]);
    const train = again ? trainSession : trainOnce;
    const history = await interruptible((signal) => train(ground, session, { onProgress: notebookProgress(), onEpoch: draw, signal }));
    draw(); // also where the session was finished before
    if (session === 2) await finishRun(ground);
    return history;
  });
}

interface ScaleTrial {
  readonly ageScale: Config['ageScale'];
  readonly before: EpochMetrics;
  readonly after: EpochMetrics;
}

const NOTHING_TO_COMPARE =
  'Nothing to compare in this run: its age head is a distribution over one-year bins, which knows years only. ' +
  'The experiment needs the linear age head of the presets demo and classic.';

/**
 * What the unit of age does to gender: from the end of session 1, trains the whole network on the first `images` of an epoch
 * with ages in standard deviations, and again with ages in years, each measured on the validation side, and returns a table.
 * The run stays as it is. A run without a linear age head gets a line that says why there is nothing to show.
 */
export async function compareAgeScales(run: CourseRun, images: number): Promise<string> {
  if (run.config.ageHead !== 'unit') return noteHtml(NOTHING_TO_COMPARE);
  const columns = ['age learned in', 'age loss', 'gender loss', 'gender accuracy before', 'after', 'age MAE after'];
  return withTraining(run, async (ground) => {
    const trials = [await tryScale(ground, 'standardised', images), await tryScale(ground, 'years', images)];
    const rows = trials.map(({ ageScale, before, after }) => [
      unitOf(ageScale),
      before.ageLoss.toFixed(2),
      before.genderLoss.toFixed(2),
      percent(before.genderAccuracy),
      percent(after.genderAccuracy),
      years(after.ageMaeYears),
    ]);
    return tableHtml(columns, rows);
  });
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

function unitOf(ageScale: Config['ageScale']): string {
  return ageScale === 'years' ? 'years' : 'standard deviations';
}

/** Opens what training needs, gives it to `use`, and puts it away whatever happens. */
async function withTraining<T>(run: CourseRun, use: (ground: TrainingGround) => Promise<T>): Promise<T> {
  const ground = await openTrainingRun(run, { onProgress: notebookProgress() });
  try {
    return await use(ground);
  } finally {
    ground.dispose();
  }
}
