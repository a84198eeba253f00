/**
 * A training session: so many epochs of one plan, from the state that the session before it left. After each epoch and
 * every few minutes the history and a checkpoint are on disk, so a session that was stopped goes on where it was.
 */
import { buildFaceModel, type FaceModel } from '../model/face-model';
import { readWeights, writeWeights } from '../model/layer-weights';
import { dropBest, keepIfBest } from './best';
import { type Checkpoint, checkpointFile, dropCheckpoints, writeCheckpoint } from './checkpoint';
import { EPOCH_START, type EpochPosition } from './epoch';
import { type PartOptions, trainPart } from './epoch-part';
import { planEpoch } from './epoch-plan';
import { recordEpoch } from './epoch-record';
import { requireFiniteState } from './finite';
import { openStep, type TrainingGround } from './ground';
import { type EpochRecord, type History, writeHistory } from './history';
import { stoppableProgress, throwIfStopped } from './interrupt';
import { requireFitting, sessionStart } from './session-state';
import { openSources } from './sources';
import { keptWeights, type TrainingStep } from './step';

export interface SessionOptions extends PartOptions {
  readonly onEpoch?: (record: EpochRecord) => void;
}

/**
 * Trains session 1 or 2 and returns its epochs. An unfinished session goes on where it was left; a finished one is trained
 * anew, and what followed it is dropped. Leaves the model holding the weights that are kept.
 * Throws an InputError where session 2 is asked for and session 1 has not been trained, where a checkpoint cannot be read
 * or written, and where the loss is no longer a number; an InterruptedError where `signal` stopped it.
 */
export async function trainSession(ground: TrainingGround, session: 1 | 2, options: SessionOptions = {}): Promise<History> {
  const { run, model } = ground;
  const { sessions, objective, averageDecay, weightDecay } = run.config;
  const plan = sessions[session - 1];
  const start = sessionStart(run, session);
  if (start.state) requireFitting(checkpointFile(run, start.from), start.state, model.full);
  if (start.epoch === 0 && start.within === null) {
    dropCheckpoints(run, session);
    dropBest(run, session);
  }
  await writeHistory(run, start.history); // the process may have been killed between checkpoint and history
  if (start.state) writeWeights(model.full, start.state.weights);

  const { signal } = options;
  const headsOnly = plan.trainable === 'heads';
  const sources = await openSources(ground, headsOnly, stoppableProgress(options.onProgress, signal, run));
  const trained = headsOnly ? model.heads : cropped(ground);
  const step = await openStep(trained, plan, { objective, averageDecay, weightDecay });
  if (start.state) step.restore(start.state);
  let { history, within } = start;
  try {
    for (let epoch = start.epoch + 1; epoch <= plan.epochs; epoch++) {
      const { pass, learningRateAt } = planEpoch(ground, session, epoch);
      const soundState = ({ batches }: EpochPosition): Checkpoint['state'] => {
        const state = wholeState(model, step);
        requireFiniteState(state, { pass, step: batches, learningRate: learningRateAt(batches - 1) });
        return state;
      };
      const save = (position: EpochPosition) =>
        writeCheckpoint(run, { session, epoch: epoch - 1, within: position, history, state: soundState(position) });
      throwIfStopped(signal, run, `before ${pass} of ${plan.epochs}`);
      const end = await trainPart(ground, step, sources, { session, epoch, from: within ?? EPOCH_START, save }, options);
      const state = soundState(end);
      writeWeights(model.full, keptWeights(state));
      const record = await recordEpoch(ground, sources, { session, epoch, end }, async () => {
        if (signal?.aborted) await save(end);
        throwIfStopped(signal, run, `in ${pass} of ${plan.epochs}, while it was judged`);
      });
      // The best epoch first: if the process dies between the two, the epoch is judged again and decides the same.
      await keepIfBest(run, record, history, keptWeights(state));
      history = [...history, record];
      await writeCheckpoint(run, { session, epoch, within: null, history, state });
      await writeHistory(run, history);
      options.onEpoch?.(record);
      within = null;
    }
  } finally {
    step.dispose();
    if (trained !== model.full && trained !== model.heads) trained.dispose();
    await sources.close();
  }
  return history.filter((record) => record.session === session);
}

/** The whole network at the size that training sees. */
function cropped({ run, model }: TrainingGround): FaceModel['full'] {
  const { augmentation, imageSizePx, ageHead } = run.config;
  if (augmentation === null || augmentation.cropPx === imageSizePx) return model.full;
  return buildFaceModel(augmentation.cropPx, readWeights(model.full), ageHead).full;
}

/** The step's state, with the weights that it does not hold (the frozen base's) taken from the model. */
function wholeState(model: FaceModel, step: TrainingStep): Checkpoint['state'] {
  const state = step.state();
  return { ...state, weights: { ...readWeights(model.full), ...state.weights } };
}
