/**
 * A training session: so many epochs of one plan, from the state that the session before it left. After each epoch the
 * history and a checkpoint are on disk, so a session that was stopped goes on after its last whole epoch.
 */
import path from 'node:path';
import type { SessionPlan } from '../config';
import { openEngine } from '../engine';
import { InputError } from '../errors';
import { type PackedImages, packImages } from '../images/packed';
import { writeJson } from '../json';
import { buildFaceModel, type FaceModel } from '../model/face-model';
import { readWeights, writeWeights } from '../model/layer-weights';
import type { ProgressListener } from '../progress';
import { shuffled, streamFor } from '../random';
import type { RunData } from '../run/data';
import type { Run } from '../run/run';
import { type Checkpoint, dropCheckpoints, readCheckpoint, writeCheckpoint } from './checkpoint';
import { EagerStep } from './eager-step';
import { type EpochOptions, type InputSource, trainEpoch, validate } from './epoch';
import { computeFeatures } from './features';
import { GraphStep } from './graph-step';
import type { EpochRecord, History } from './history';
import { type AgeScale, ageScaleOf } from './metrics';
import type { TrainingState, TrainingStep } from './step';
import { trainableLayers } from './trainable';

export interface SessionOptions {
  readonly onProgress?: ProgressListener;
  readonly onEpoch?: (record: EpochRecord) => void;
}

/** All that the sessions of a run share. The caller disposes it. */
export interface TrainingGround {
  readonly run: Run;
  readonly data: RunData;
  readonly images: PackedImages;
  readonly model: FaceModel;
  readonly scale: AgeScale;
  dispose(): void;
}

/** Packs the images and builds the network from the pretrained base. */
export async function openTraining(run: Run, data: RunData, onProgress?: ProgressListener): Promise<TrainingGround> {
  await openEngine();
  const { config } = run;
  const images = await packImages(data.catalog.source.folder, data.catalog.records, config.imageSizePx, onProgress);
  const model = buildFaceModel(config.imageSizePx, data.pretrained.weights);
  const scale = ageScaleOf(config.ageScale, data.split.training);
  const dispose = () => {
    images.close();
    model.full.dispose();
  };
  return { run, data, images, model, scale, dispose };
}

/**
 * Trains session 1 or 2 and returns its epochs. An unfinished session goes on after its last whole epoch; a finished one
 * is trained anew, and what followed it is dropped. Leaves the model holding the trained weights.
 * Throws an InputError where session 2 is asked for and session 1 has not been trained.
 */
export async function trainSession(ground: TrainingGround, session: 1 | 2, options: SessionOptions = {}): Promise<History> {
  const { run, model } = ground;
  const plan = run.config.sessions[session - 1];
  const start = startOf(run, session, plan);
  if (start.epoch === 0) dropCheckpoints(run, session);
  if (start.state) writeWeights(model.full, start.state.weights);

  const headsOnly = plan.trainable === 'heads';
  const trained = headsOnly ? model.heads : model.full;
  const source = headsOnly ? await frozenFeatures(ground, options.onProgress) : ground.images;
  const step = await openStep(trained, plan);
  if (start.state) step.restore(start.state);
  let history = start.history;
  try {
    for (let epoch = start.epoch + 1; epoch <= plan.epochs; epoch++) {
      const record = await runEpoch(ground, step, source, session, epoch, options);
      history = [...history, record];
      const state = step.state();
      writeWeights(model.full, state.weights);
      await writeCheckpoint(run, { session, epoch, history, state: { ...state, weights: readWeights(model.full) } });
      await writeJson(path.join(run.folder, 'history.json'), history);
      options.onEpoch?.(record);
    }
  } finally {
    step.dispose();
  }
  return history.filter((record) => record.session === session);
}

async function runEpoch(
  { run, data, scale }: TrainingGround,
  step: TrainingStep,
  source: InputSource,
  session: number,
  epoch: number,
  { onProgress }: SessionOptions,
): Promise<EpochRecord> {
  const { batchSize, seed, sessions } = run.config;
  const { epochs, learningRate } = sessions[session - 1];
  const { training, validation } = data.split;
  const label = `Session ${session}, epoch ${epoch} of ${epochs}`;
  const onBatch: EpochOptions['onBatch'] = (done, { loss, ageMaeYears, genderAccuracy }) =>
    onProgress?.({
      label,
      done,
      total: training.length,
      unit: 'images',
      detail: `loss ${loss.toFixed(3)}, age MAE ${ageMaeYears.toFixed(2)} years, gender accuracy ${(100 * genderAccuracy).toFixed(1)} %`,
    });
  const order = shuffled(training, streamFor(seed, `session ${session}, epoch ${epoch}`));
  const startedMs = performance.now();
  const trainingMetrics = await trainEpoch(step, source, order, learningRate, { batchSize, scale, onBatch });
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    session,
    epoch,
    training: trainingMetrics,
    validation: await validate(step, source, validation, { batchSize: Math.max(batchSize, 32), scale }),
    learningRate,
    seconds,
    imagesPerSecond: training.length / seconds,
  };
}

/** Where a session begins: after its own last epoch if it is unfinished, else where the one before it ended. */
function startOf(run: Run, session: 1 | 2, plan: SessionPlan): Pick<Checkpoint, 'epoch' | 'history'> & { readonly state?: TrainingState } {
  const own = readCheckpoint(run, session);
  if (own && own.epoch < plan.epochs) return own;
  if (session === 1) return { epoch: 0, history: [] };
  const before = finishedSession(run, 1);
  return { epoch: 0, history: before.history, state: before.state };
}

/** Whether a session has all its epochs. */
export function isFinished(run: Run, session: 1 | 2): boolean {
  return readCheckpoint(run, session)?.epoch === run.config.sessions[session - 1].epochs;
}

/** The end of a session that has all its epochs. Throws an InputError, naming the notebook that trains it, where it has not. */
export function finishedSession(run: Run, session: 1 | 2): Checkpoint {
  const checkpoint = readCheckpoint(run, session);
  if (checkpoint?.epoch !== run.config.sessions[session - 1].epochs) {
    const notebook = `notebooks/0${session + 2}-train-session-${session}.ipynb`;
    throw new InputError(`${run.folder}: session ${session} is not finished. Run ${notebook} first (or npm run train).`);
  }
  return checkpoint;
}

async function frozenFeatures({ model, images, data }: TrainingGround, onProgress?: ProgressListener): Promise<InputSource> {
  return computeFeatures(model.base, images, [...data.split.training, ...data.split.validation], onProgress);
}

/** The compiled graph where the engine is native, else the layers themselves, which train heads only. */
export async function openStep(model: FaceModel['full'], { trainable }: Pick<SessionPlan, 'trainable'>): Promise<TrainingStep> {
  const layers = trainableLayers(trainable);
  const engine = await openEngine();
  if (engine.kind === 'native') return new GraphStep(model, layers);
  if (trainable !== 'heads') {
    throw new InputError(
      `trainable "${trainable}": the ${engine.description} engine trains "heads" only. Run npm run doctor to get the native one.`,
    );
  }
  return new EagerStep(model, layers);
}
