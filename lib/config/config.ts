/** What a run is made of, in words that mean the same on the command line, in notebooks and in JSON. */
import type { Augmentation } from '../images/augment';
import type { AgeHead } from '../model/face-model';
import type { Objective } from './objective';

export type PresetName = 'demo' | 'classic' | 'best';

/** What a session trains: the two heads, the heads and the last N of the base's 17 blocks, or everything. */
export type Trainable = 'heads' | 'all' | `last ${number} blocks`;

export interface SessionPlan {
  readonly trainable: Trainable;
  readonly epochs: number;
  /** The highest that the schedule reaches. */
  readonly learningRate: number;
}

/** How the learning rate goes over the run: it rises over the first steps, then stays, or falls to 0 by half a cosine. */
export interface Schedule {
  readonly warmUpSteps: number;
  readonly decay: 'constant' | 'cosine';
}

/**
 * The last epochs of session 2, if more than the heads are trained: faces are seen as they will be judged, whole and upright,
 * mirrored and in other light at most, so that the network gets used to them (Touvron et al. 2019, "Fixing the train-test
 * resolution discrepancy").
 */
export interface CoolDown {
  /** 0 for none. */
  readonly epochs: number;
  /** From here it falls to 0 by half a cosine; the schedule goes over the epochs before. */
  readonly learningRate: number;
}

export interface Config {
  readonly preset: PresetName;
  /** A folder, an archive, the word `download`; null for data/UTKFace if it is there, else drawn faces. */
  readonly data: string | null;
  /** A tfjs LayersModel folder or a Keras .h5; null for data/weights if it is there, else the bundled model. */
  readonly weights: string | null;
  /** Decides the split, the order of images and the heads' first weights. */
  readonly seed: number;
  /** Side of the square that images are scaled to; a multiple of 16. */
  readonly imageSizePx: number;
  readonly batchSize: number;
  /** At most this many files, drawn by the seed; null for all. */
  readonly limit: number | null;
  readonly validationShare: number;
  /** Which faces judge the run: the validation side, or a tenth of the training side while a recipe is being chosen. */
  readonly judgedBy: 'validation' | 'selection';
  /** The unit in which the age head learns: standard deviations from the training mean, or years as they are. */
  readonly ageScale: 'standardised' | 'years';
  /** A linear unit on the features, or the expected value of a distribution over years. */
  readonly ageHead: AgeHead;
  readonly objective: Objective;
  readonly schedule: Schedule;
  /** Decay of the running average of the weights that is judged and kept in their place; 0 for none. */
  readonly emaDecay: number;
  /** Share of the kernels, times the learning rate, that every step takes away (AdamW); 0 for none. */
  readonly weightDecay: number;
  /** What is done to the images of sessions that train more than the heads; null for nothing. */
  readonly augmentation: Augmentation | null;
  readonly sessions: readonly [SessionPlan, SessionPlan];
  readonly coolDown: CoolDown;
}

/** How many of a session's epochs settle. */
export function coolDownEpochs({ sessions, coolDown }: Pick<Config, 'sessions' | 'coolDown'>, session: 1 | 2): number {
  const { trainable, epochs } = sessions[session - 1];
  return session === 1 || trainable === 'heads' ? 0 : Math.min(coolDown.epochs, epochs);
}

/** Whether two runs would train the same thing. */
export function sameConfig(a: Config, b: Config): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
