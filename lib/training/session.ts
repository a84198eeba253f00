/**
 * A training session: so many epochs of one plan, from the state that the session before it left. After each epoch and
 * every few minutes the history and a checkpoint are on disk, so a session that was stopped goes on where it was.
 */
import path from 'node:path';
import { InputError } from '../errors';
import { writeJson } from '../json';
import { buildFaceModel, type FaceModel } from '../model/face-model';
import { openForward } from '../model/forward';
import { readWeights, writeWeights } from '../model/layer-weights';
import type { ProgressListener } from '../progress';
import { shuffled, streamFor } from '../random';
import { type Checkpoint, dropCheckpoints, writeCheckpoint } from './checkpoint';
import { EPOCH_START, type EpochPlan, type EpochPosition, inBatches, trainEpoch, validate } from './epoch';
import { openStep, type TrainingGround } from './ground';
import type { EpochMetrics, EpochRecord, History } from './history';
import { metricsOf } from './metrics';
import { learningRateAt } from './schedule';
import { sessionStart } from './session-state';
import { openSources, type SessionSources } from './sources';
import { keptWeights, type TrainingState, type TrainingStep } from './step';
import { writeTensorBoard } from './tensorboard';

export interface SessionOptions {
  readonly onProgress?: ProgressListener;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Once aborted, the session finishes its step, saves, and throws an InputError that says how to go on. */
  readonly signal?: AbortSignal;
  /** Least time between two checkpoints within an epoch. */
  readonly checkpointSeconds?: number;
}

const CHECKPOINT_SECONDS = 180;

/**
 * Trains session 1 or 2 and returns its epochs. An unfinished session goes on where it was left; a finished one is trained
 * anew, and what followed it is dropped. Leaves the model holding the weights that are kept.
 * Throws an InputError where session 2 is asked for and session 1 has not been trained.
 */
export async function trainSession(ground: TrainingGround, session: 1 | 2, options: SessionOptions = {}): Promise<History> {
  const { run, model } = ground;
  const { sessions, objective, averageDecay } = run.config;
  const plan = sessions[session - 1];
  const start = sessionStart(run, session);
  if (start.epoch === 0 && start.within === null) dropCheckpoints(run, session);
  if (start.state) writeWeights(model.full, start.state.weights);

  const headsOnly = plan.trainable === 'heads';
  const sources = await openSources(ground, headsOnly, options.onProgress);
  const trained = headsOnly ? model.heads : cropped(ground);
  const step = await openStep(trained, plan, { objective, averageDecay });
  if (start.state) step.restore(start.state);
  let { history, within } = start;
  try {
    for (let epoch = start.epoch + 1; epoch <= plan.epochs; epoch++) {
      const save = (position: EpochPosition) =>
        writeCheckpoint(run, { session, epoch: epoch - 1, within: position, history, state: wholeState(model, step) });
      const done = await trainPart(ground, step, sources, { session, epoch, from: within ?? EPOCH_START, save }, options);
      const state = wholeState(model, step);
      writeWeights(model.full, keptWeights(state));
      history = [...history, await recordOf(ground, sources, headsOnly, session, epoch, done)];
      await writeCheckpoint(run, { session, epoch, within: null, history, state });
      await writeJson(path.join(run.folder, 'history.json'), history);
      await writeTensorBoard(run, history);
      options.onEpoch?.(history[history.length - 1]);
      within = null;
    }
  } finally {
    step.dispose();
    if (trained !== model.full && trained !== model.heads) trained.dispose();
    await sources.close();
  }
  return history.filter((record) => record.session === session);
}

interface Part {
  readonly session: 1 | 2;
  readonly epoch: number;
  readonly from: EpochPosition;
  save(position: EpochPosition): Promise<void>;
}

/** Trains what is left of an epoch, saving on the way. */
async function trainPart(
  ground: TrainingGround,
  step: TrainingStep,
  sources: SessionSources,
  { session, epoch, from, save }: Part,
  { onProgress, signal, checkpointSeconds = CHECKPOINT_SECONDS }: SessionOptions,
): Promise<EpochPosition> {
  const { run, scale } = ground;
  const { sessions, batchSize } = run.config;
  const { epochs } = sessions[session - 1];
  const plan = epochPlan(ground, session, epoch);
  const total = ground.data.split.training.length;
  let savedMs = performance.now();
  const onBatch = async (position: EpochPosition, soFar: EpochMetrics) => {
    const done = Math.min(position.batches * batchSize, total);
    onProgress?.({
      label: `Session ${session}, epoch ${epoch} of ${epochs}`,
      done,
      total,
      unit: 'images',
      detail: `loss ${soFar.loss.toFixed(3)}, age MAE ${soFar.ageMaeYears.toFixed(2)} years, gender accuracy ${(100 * soFar.genderAccuracy).toFixed(1)} %`,
    });
    const stop = signal?.aborted === true;
    if (stop || performance.now() - savedMs > 1000 * checkpointSeconds) {
      await save(position);
      savedMs = performance.now();
    }
    if (stop) {
      const where = `session ${session}, epoch ${epoch} of ${epochs}, after ${position.batches} of ${plan.batches.length} steps`;
      throw new InputError(
        `Stopped in ${where}. All of it is saved: npm run train -- --run ${run.name} goes on, and so does the notebook's cell.`,
      );
    }
  };
  return trainEpoch(step, sources.training, { ...plan, scale, from, onBatch });
}

/** What an epoch does, the same however often it is interrupted. */
function epochPlan({ run, data }: TrainingGround, session: 1 | 2, epoch: number): Pick<EpochPlan, 'batches' | 'pass' | 'learningRateAt'> {
  const { batchSize, seed, sessions, schedule } = run.config;
  const pass = `session ${session}, epoch ${epoch}`;
  const batches = inBatches(shuffled(data.split.training, streamFor(seed, pass)), batchSize);
  const epochsBefore = epoch - 1 + (session === 2 ? sessions[0].epochs : 0);
  const totalSteps = batches.length * (sessions[0].epochs + sessions[1].epochs);
  const { learningRate } = sessions[session - 1];
  return {
    batches,
    pass,
    learningRateAt: (batch) => learningRateAt(schedule, learningRate, epochsBefore * batches.length + batch, totalSteps),
  };
}

/** The epoch's record: what its steps measured, and what the weights that are kept say of the validation side. */
async function recordOf(
  ground: TrainingGround,
  sources: SessionSources,
  headsOnly: boolean,
  session: 1 | 2,
  epoch: number,
  { sums, seconds }: EpochPosition,
): Promise<EpochRecord> {
  const { run, data, model, scale } = ground;
  const { training, validation } = data.split;
  const { batches, learningRateAt: rateAt } = epochPlan(ground, session, epoch);
  const forward = await openForward(headsOnly ? model.heads : model.full);
  const predict = (inputs: Uint8Array | Float32Array) => {
    const [ages, genders] = forward.run(inputs);
    return { ages, genders };
  };
  try {
    return {
      session,
      epoch,
      training: metricsOf(sums),
      validation: await validate(predict, sources.validation, inBatches(validation, Math.max(run.config.batchSize, 32)), scale),
      learningRate: rateAt(batches.length - 1),
      seconds,
      imagesPerSecond: training.length / seconds,
    };
  } finally {
    forward.dispose();
  }
}

/** The whole network at the size that training sees. */
function cropped({ run, model }: TrainingGround): FaceModel['full'] {
  const { augmentation, imageSizePx, ageHead } = run.config;
  if (augmentation === null || augmentation.cropPx === imageSizePx) return model.full;
  return buildFaceModel(augmentation.cropPx, readWeights(model.full), ageHead).full;
}

/** The step's state, with the weights that it does not hold (the frozen base's) taken from the model. */
function wholeState(model: FaceModel, step: TrainingStep): Checkpoint['state'] {
  const state: TrainingState = step.state();
  return { ...state, weights: { ...readWeights(model.full), ...state.weights } };
}
