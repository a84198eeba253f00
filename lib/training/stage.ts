/** The epochs of a session in which faces are augmented alike: trained, judged and saved one after the other. */
import { type Augmentation, type Config, coolDownEpochs } from '../config';
import { settled } from '../images/augment';
import { buildFaceModel, type FaceModel } from '../model/face-model';
import { readWeights, writeWeights } from '../model/layer-weights';
import { keepIfBest } from './best';
import { type Checkpoint, writeCheckpoint } from './checkpoint';
import { EPOCH_START, type EpochPosition } from './epoch';
import { type PartOptions, trainPart } from './epoch-part';
import { planEpoch } from './epoch-plan';
import { recordEpoch } from './epoch-record';
import { requireFiniteState } from './finite';
import { openStep, type TrainingGround } from './ground';
import { type EpochRecord, writeHistory } from './history';
import { stoppableProgress, throwIfStopped } from './interrupt';
import { openSources } from './sources';
import { keptWeights, type TrainingStep } from './step';

export interface SessionOptions extends PartOptions {
  readonly onEpoch?: (record: EpochRecord) => void;
}

/** How far a session has come. No state: nothing has been learned yet. */
export type Reached = Pick<Checkpoint, 'epoch' | 'within' | 'history'> & { readonly state?: Checkpoint['state'] };

/** A session's epochs in stretches in which faces are augmented alike. */
export interface Stage {
  readonly lastEpoch: number;
  readonly augmentation: Augmentation | null;
}

/** Epochs that settle are a stage of their own, the last; a stage may be empty. */
export function stagesOf(config: Config, session: 1 | 2): readonly Stage[] {
  const { epochs } = config.sessions[session - 1];
  const lastEpochs = [epochs - coolDownEpochs(config, session), epochs];
  return lastEpochs.map((lastEpoch) => ({ lastEpoch, augmentation: augmentationAt(config, session, lastEpoch) }));
}

/** How an epoch, counted from 1, augments faces; null where it sees them as they are. */
export function augmentationAt(config: Config, session: 1 | 2, epoch: number): Augmentation | null {
  const { sessions, augmentation, imageSizePx } = config;
  const settles = epoch > sessions[session - 1].epochs - coolDownEpochs(config, session);
  return settles && augmentation ? settled(augmentation, imageSizePx) : augmentation;
}

/** Trains from where the session is to the stage's last epoch. */
export async function trainStage(
  ground: TrainingGround,
  session: 1 | 2,
  { lastEpoch, augmentation }: Stage,
  from: Reached,
  options: SessionOptions,
): Promise<Reached> {
  const { run, model } = ground;
  const { sessions, objective, emaDecay, weightDecay } = run.config;
  const plan = sessions[session - 1];
  const { signal } = options;
  if (from.state) writeWeights(model.full, from.state.weights);
  const headsOnly = plan.trainable === 'heads';
  const sources = await openSources(ground, { headsOnly, augmentation }, stoppableProgress(options.onProgress, signal, run));
  const trained = headsOnly ? model.heads : cropped(ground, augmentation);
  const step = await openStep(trained, plan, { objective, emaDecay, weightDecay });
  if (from.state) step.restore(from.state);
  let { history, within, state } = from;
  try {
    for (let epoch = from.epoch + 1; epoch <= lastEpoch; epoch++) {
      const { pass, learningRateAt } = planEpoch(ground, session, epoch);
      const soundState = ({ batches }: EpochPosition): Checkpoint['state'] => {
        const current = wholeState(model, step);
        requireFiniteState(current, { pass, step: batches, learningRate: learningRateAt(batches - 1) });
        return current;
      };
      const save = (position: EpochPosition) =>
        writeCheckpoint(run, { session, epoch: epoch - 1, within: position, history, state: soundState(position) });
      throwIfStopped(signal, run, `before ${pass} of ${plan.epochs}`);
      const end = await trainPart(ground, step, sources, { session, epoch, from: within ?? EPOCH_START, save }, options);
      state = soundState(end);
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
  return { epoch: lastEpoch, within: null, history, state };
}

/** The whole network at the size that training sees. */
function cropped({ run, model }: TrainingGround, augmentation: Augmentation | null): FaceModel['full'] {
  const { imageSizePx, ageHead } = run.config;
  if (augmentation === null || augmentation.cropPx === imageSizePx) return model.full;
  return buildFaceModel(augmentation.cropPx, readWeights(model.full), ageHead).full;
}

/** The step's state, with the weights that it does not hold (the frozen base's) taken from the model. */
function wholeState(model: FaceModel, step: TrainingStep): Checkpoint['state'] {
  const state = step.state();
  return { ...state, weights: { ...readWeights(model.full), ...state.weights } };
}
