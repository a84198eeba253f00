/**
 * The whole training of a run, to be read from top to bottom: its two sessions, their phases, epochs and batches. After each
 * epoch the validation side is judged, the best epoch kept, and a checkpoint and the history are written, so that a training
 * that was stopped or killed goes on where it was and ends with the same bits.
 */
import path from 'node:path';
import { batchParts, openEngine } from '../base/engine';
import { InputError } from '../base/errors';
import { sweepHalfWritten } from '../base/files';
import { inBatches } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import { shuffled, streamFor } from '../base/random';
import type { Objective } from '../config';
import { AugmentedImages } from '../images/augmented';
import { openPixelCache, type PixelCache } from '../images/pixel-cache';
import { buildFaceModel, type FaceModel } from '../model/face-model';
import { readWeights, writeWeights } from '../model/layer-weights';
import type { NamedWeights } from '../model/weights';
import type { RunData } from '../run/data';
import { recordTraining } from '../run/provenance';
import { lockRun, recordCacheUse } from '../run/run';
import { type Checkpoint, finishedHistory, keepIfBest, startOf, writeCheckpoint } from './checkpoint';
import { EPOCH_START, epochKeyOf, requireFiniteState, trainBatches, validate } from './epoch';
import { openFeatures } from './features';
import { finishRun, type RunMetrics } from './finish';
import { GraphStep, keptWeights, type TrainingState } from './graph-step';
import { type Baselines, type EpochMetrics, type EpochRecord, type History, writeHistory } from './history';
import { stoppableProgress, throwIfStopped } from './interrupt';
import { type AgeScale, ageScaleOf, baselinesOf, metricsOf } from './metrics';
import { learningRateAt, type Phase, phasesOf, trainableLayers } from './schedule';

export interface TrainOptions {
  readonly onProgress?: ProgressListener;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Once aborted, the step is finished and saved, and an InterruptedError says where. */
  readonly signal?: AbortSignal;
  /** Least time between two checkpoints within an epoch; 0 for one after every step. Default: three minutes. */
  readonly checkpointSeconds?: number;
  /** Trains a session that is finished anew. What is there stays until the first new checkpoint takes its place. */
  readonly again?: boolean;
}

/** What all sessions of a run share. */
export interface TrainingContext {
  readonly run: RunData;
  readonly pixels: PixelCache;
  readonly model: FaceModel;
  /** The network's before any training. */
  readonly firstWeights: NamedWeights;
  /** The unit in which the age head learns. */
  readonly scale: AgeScale;
  readonly baselines: Baselines;
}

/** Trains what is not trained yet, to the model: a run that was stopped goes on where it was left. */
export async function train(run: RunData, options: TrainOptions = {}): Promise<RunMetrics> {
  return withTraining(run, options, async (context) => {
    for (const session of [1, 2] as const) await trainSession(context, session, options);
    return finishRun(run, context.model, context.pixels);
  });
}

/** Says what computes, in words. Throws an InputError where nobody could train: before anything is made, and before hours of half a course. */
export async function requireTrainingEngine(): Promise<string> {
  const { kind, description } = await openEngine({ training: true });
  if (kind === 'native') return description;
  throw new InputError(`Training needs the native engine, and this is ${description}. npm run doctor says what is missing.`);
}

/**
 * Decodes the faces, builds the network from the pretrained base, and puts both away after `use`. Nobody else can train the
 * run meanwhile. Throws an InputError where another process trains it.
 */
export async function withTraining<T>(
  run: RunData,
  { onProgress, signal }: TrainOptions,
  use: (context: TrainingContext) => Promise<T>,
): Promise<T> {
  const { imageSizePx, ageHead, ageScale } = run.config;
  const { training, validation } = run.split;
  await requireTrainingEngine();
  const closing: (() => void)[] = [await lockRun(run)];
  try {
    for (const folder of [run.folder, path.join(run.folder, 'checkpoints'), projectPath('data', 'cache')]) await sweepHalfWritten(folder);
    const progress = stoppableProgress(onProgress, signal);
    const pixels = await openPixelCache(run.catalog.source.folder, run.catalog.records, imageSizePx, progress);
    closing.push(() => pixels.close());
    await recordCacheUse(run, pixels.path);
    const model = buildFaceModel(imageSizePx, run.pretrained.weights, ageHead);
    closing.push(() => dispose(model));
    const scale = ageScaleOf(ageScale, training);
    const baselines = baselinesOf(training, validation, scale);
    return await use({ run, pixels, model, firstWeights: readWeights(model.full), scale, baselines });
  } finally {
    for (const close of closing.reverse()) close();
  }
}

/**
 * Trains session 1 or 2 and returns its epochs. A session that is finished stays as it is, unless it is asked for again; an
 * unfinished one goes on where it was left.
 * Throws an InputError where session 2 is asked for and session 1 has not been trained, where a checkpoint cannot be read
 * or written, and where the loss is no longer a number; an InterruptedError where `signal` stopped it.
 */
export async function trainSession(context: TrainingContext, session: 1 | 2, options: TrainOptions = {}): Promise<History> {
  const { run, firstWeights } = context;
  const finished = finishedHistory(run, session);
  if (finished && !options.again) return finished;
  await recordTraining(run, await requireTrainingEngine(), batchParts());
  let reached = startOf(run, session, firstWeights);
  if (!finished) await writeHistory(run, reached.history); // the process may have been killed between checkpoint and history
  for (const phase of phasesOf(run.config)) {
    if (phase.session === session && reached.epoch < phase.lastEpoch) reached = await trainPhase(context, phase, reached, options);
  }
  return reached.history.filter((record) => record.session === session);
}

/** Trains from where the session is to the phase's last epoch. */
async function trainPhase(context: TrainingContext, phase: Phase, from: Checkpoint, options: TrainOptions): Promise<Checkpoint> {
  const { run, model, scale, baselines } = context;
  const { training, validation } = run.split;
  const { sessions, seed, batchSize, objective } = run.config;
  const { session, trainable, lastEpoch } = phase;
  const { epochs } = sessions[session - 1];
  const heads = trainable === 'heads';
  const toJudge = inBatches(validation, Math.max(batchSize, 32));
  const { onProgress, signal, checkpointSeconds = 180 } = options;
  const closing: Closing = [];
  let { history, within, state } = from;
  try {
    writeWeights(model.full, state.weights);
    const inputs = await openInputs(context, phase, closing, stoppableProgress(onProgress, signal));
    const seen = croppedModel(context, phase);
    if (seen !== model) closing.push(() => dispose(seen));
    const step = new GraphStep(heads ? seen.heads : seen.full, trainableLayers(trainable), run.config);
    closing.push(() => step.dispose());
    step.restore(state);

    for (let epoch = from.epoch + 1; epoch <= lastEpoch; epoch++) {
      const epochKey = epochKeyOf(session, epoch);
      const label = `Session ${session}, epoch ${epoch} of ${epochs}`;
      const batches = inBatches(shuffled(training, streamFor(seed, epochKey)), batchSize);
      const epochsBefore = epoch - 1 + (session === 2 ? sessions[0].epochs : 0);
      const learningRateOf = (batch: number) => learningRateAt(run.config, epochsBefore * batches.length + batch, batches.length);
      let position = within ?? EPOCH_START;
      const stateNow = (): TrainingState => {
        const own = step.state();
        const whole = { ...own, weights: { ...readWeights(model.full), ...own.weights } }; // steps on features hold no base
        requireFiniteState(whole, `${epochKey}, step ${position.batches}`, learningRateOf(position.batches - 1));
        return whole;
      };
      const saveWithin = () => writeCheckpoint(run, { session, epoch: epoch - 1, within: position, history, state: stateNow() });

      throwIfStopped(signal, `before ${epochKey} of ${epochs}`);
      let savedMs = performance.now();
      for await (position of trainBatches(step, inputs.training, { batches, epochKey, learningRateOf, scale, from: position })) {
        const done = Math.min(position.batches * batchSize, training.length);
        onProgress?.({ label, done, total: training.length, unit: 'images', detail: describe(metricsOf(position.sums), objective) });
        if (signal?.aborted || performance.now() - savedMs > 1000 * checkpointSeconds) {
          await saveWithin();
          savedMs = performance.now();
        }
        throwIfStopped(signal, `in ${label.toLowerCase()}, after ${position.batches} of ${batches.length} steps`);
      }

      state = stateNow();
      writeWeights(model.full, keptWeights(state));
      const judged = await validate(heads ? model.heads : model.full, inputs.validation, toJudge, scale, async () => {
        if (signal?.aborted) await saveWithin();
        throwIfStopped(signal, `in ${epochKey} of ${epochs}, while it was judged`);
      });
      const record: EpochRecord = {
        session,
        epoch,
        training: metricsOf(position.sums),
        validation: judged,
        learningRate: learningRateOf(batches.length - 1),
        seconds: position.seconds,
        imagesPerSecond: training.length / position.seconds,
      };
      history = [...history, record];
      // The best epoch first: if the process dies between the two, the epoch is judged again and decides the same.
      await keepIfBest(run, history, baselines, state);
      await writeCheckpoint(run, { session, epoch, within: null, history, state });
      await writeHistory(run, history);
      options.onEpoch?.(record);
      within = null;
    }
    return { session, epoch: lastEpoch, within: null, history, state };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

type Closing = (() => void | Promise<void>)[];

/** Where a phase's numbers come from: features that a frozen base made, pixels as they are, or augmented ones. */
async function openInputs({ run, pixels, model }: TrainingContext, phase: Phase, closing: Closing, onProgress: ProgressListener) {
  if (phase.trainable === 'heads') {
    const features = await openFeatures(model.base, pixels, [...run.split.training, ...run.split.validation], onProgress);
    closing.push(() => features.close());
    await recordCacheUse(run, features.path);
    return { training: features, validation: features };
  }
  if (phase.augmentation === null) return { training: pixels, validation: pixels };
  const augmented = new AugmentedImages(pixels, phase.augmentation, run.config.seed);
  closing.push(() => augmented.close());
  return { training: augmented, validation: pixels };
}

/** The network at the size that training sees. */
function croppedModel({ run, model }: TrainingContext, { augmentation }: Phase): FaceModel {
  const { imageSizePx, ageHead } = run.config;
  if (augmentation === null || augmentation.cropPx === imageSizePx) return model;
  return buildFaceModel(augmentation.cropPx, readWeights(model.full), ageHead);
}

/** Both models, for they share the heads' layers. */
function dispose({ full, heads }: FaceModel): void {
  full.dispose();
  heads.dispose();
}

/** The loss is shown where it is what the steps minimise. */
function describe({ loss, ageMaeYears, genderAccuracy }: EpochMetrics, { ageSquared }: Objective): string {
  const measures = `age MAE ${ageMaeYears.toFixed(2)} years, gender accuracy ${(100 * genderAccuracy).toFixed(1)} %`;
  return ageSquared > 0 ? `loss ${loss.toFixed(3)}, ${measures}` : measures;
}
