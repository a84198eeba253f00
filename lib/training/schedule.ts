/** What a run trains, when, on which images and how fast: its phases, and the learning rate of every step. */
import { InputError } from '../base/errors';
import { type Augmentation, type Config, coolDownEpochs, type Trainable } from '../config';
import { forCoolDown } from '../images/augment';
import { HEAD_LAYERS } from '../model/face-model';
import { BLOCKS } from '../model/mobilenet';

/** Epochs of a session in which the same layers are trained on images that are augmented alike. */
export interface Phase {
  readonly session: 1 | 2;
  /** Counted from 1 within the session. */
  readonly firstEpoch: number;
  readonly lastEpoch: number;
  readonly trainable: Trainable;
  /** null where faces are seen as they are, and where only the heads are trained, which see features. */
  readonly augmentation: Augmentation | null;
}

/** The run's phases in order: each session's epochs, and after session 2 those that cool down, if there are any. */
export function phasesOf(config: Pick<Config, 'sessions' | 'coolDown' | 'augmentation' | 'imageSizePx'>): readonly Phase[] {
  return ([1, 2] as const).flatMap((session) => {
    const { trainable, epochs } = config.sessions[session - 1];
    const augmentation = trainable === 'heads' ? null : config.augmentation;
    const warm = epochs - coolDownEpochs(config, session);
    const cooler = augmentation && forCoolDown(augmentation, config.imageSizePx);
    const phases: readonly Phase[] = [
      { session, trainable, firstEpoch: 1, lastEpoch: warm, augmentation },
      { session, trainable, firstEpoch: warm + 1, lastEpoch: epochs, augmentation: cooler },
    ];
    return phases.filter(({ firstEpoch, lastEpoch }) => firstEpoch <= lastEpoch);
  });
}

/**
 * The learning rate of a step, counted from 0 over the whole run of so many steps an epoch. It rises in equal strides over
 * the warm-up to the session's rate, and stays or falls along half a cosine to 0 (Loshchilov and Hutter 2017); the epochs
 * that cool down have a fall of their own.
 */
export function learningRateAt(config: Pick<Config, 'schedule' | 'sessions' | 'coolDown'>, step: number, stepsPerEpoch: number): number {
  const { schedule, sessions, coolDown } = config;
  const [first, second] = sessions.map(({ epochs }) => epochs * stepsPerEpoch);
  const coolsFrom = first + second - coolDownEpochs(config, 2) * stepsPerEpoch;
  if (step >= coolsFrom) return coolDown.learningRate * cosineFall(step, coolsFrom, first + second);
  const { learningRate } = sessions[step < first ? 0 : 1];
  const { warmUpSteps, decay } = schedule;
  if (step < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  return decay === 'constant' ? learningRate : learningRate * cosineFall(step, warmUpSteps, coolsFrom);
}

/** From 1 at the step `from` to 0 at the step `to`. */
function cosineFall(step: number, from: number, to: number): number {
  return 0.5 * (1 + Math.cos((Math.PI * (step - from)) / Math.max(1, to - from)));
}

/** A test for layer names. `last N blocks` counts MobileNetV2's inverted residual blocks from the end, and takes in all behind them. */
export function trainableLayers(trainable: Trainable): (layerName: string) => boolean {
  if (trainable === 'all') return () => true;
  if (trainable === 'heads') return (name) => HEAD_LAYERS.includes(name);
  const blocks = Number(/^last (\d+) blocks$/.exec(trainable)?.[1]);
  if (!(blocks >= 1 && blocks <= BLOCKS)) {
    throw new InputError(`trainable "${trainable}": expected "heads", "all" or "last N blocks" with N from 1 to ${BLOCKS}.`);
  }
  return (name) => HEAD_LAYERS.includes(name) || name.startsWith('Conv_1') || blockOf(name) >= BLOCKS - blocks;
}

/** 0 for the first block, `expanded_conv`; -1 for layers outside all blocks. */
function blockOf(layerName: string): number {
  const match = /^expanded_conv(?:_(\d+))?_/.exec(layerName);
  return match ? Number(match[1] ?? 0) : -1;
}
