/** Presets and settings: what a run is made of. One word a setting, the same on the command line, in notebooks and in JSON. */
import { InputError } from './errors';
import { type Augmentation, NO_AUGMENTATION } from './images/augment';
import type { AgeHead } from './model/face-model';
import { type Objective, PLAIN_OBJECTIVE } from './model/objective';

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
  readonly averageDecay: number;
  /** What is done to the images of sessions that train more than the heads; null for nothing. */
  readonly augmentation: Augmentation | null;
  readonly sessions: readonly [SessionPlan, SessionPlan];
}

/** What a person may set; the rest comes from the preset. */
export interface Settings {
  readonly preset?: PresetName;
  readonly data?: string;
  readonly weights?: string;
  readonly seed?: number;
  readonly imageSize?: number;
  readonly batchSize?: number;
  readonly limit?: number;
  /** Epochs of each session. */
  readonly epochs?: number;
  readonly ageScale?: Config['ageScale'];
  readonly judgedBy?: Config['judgedBy'];
  readonly ageHead?: AgeHead;
  /** The highest learning rate of both sessions. */
  readonly learningRate?: number;
  readonly averageDecay?: number;
  /** Laid over the preset's, entry by entry. */
  readonly objective?: Partial<Objective>;
  readonly schedule?: Partial<Schedule>;
  readonly augmentation?: Partial<Augmentation> | null;
}

const CLASSIC: Config = {
  preset: 'classic',
  data: null,
  weights: null,
  seed: 1,
  imageSizePx: 128,
  batchSize: 32,
  limit: null,
  validationShare: 0.2,
  judgedBy: 'validation',
  ageScale: 'standardised',
  ageHead: 'unit',
  objective: PLAIN_OBJECTIVE,
  schedule: { warmUpSteps: 0, decay: 'constant' },
  averageDecay: 0,
  augmentation: null,
  sessions: [
    { trainable: 'heads', epochs: 5, learningRate: 1e-4 },
    { trainable: 'all', epochs: 5, learningRate: 1e-4 },
  ],
};

/** The most accurate model that an hour or two of training gives. Each choice is a row of the ablation in the README. */
const BEST: Config = {
  ...CLASSIC,
  preset: 'best',
  imageSizePx: 160,
  ageScale: 'years',
  ageHead: 'distribution',
  objective: { ageSquared: 0, ageAbsolute: 0.1, ageDistribution: 1, ageLabelSdYears: 2.5, gender: 2, genderSmoothing: 0.1 },
  schedule: { warmUpSteps: 300, decay: 'cosine' },
  averageDecay: 0.999,
  augmentation: { cropPx: 144, zoom: 0.1, flip: true, contrast: 0.25, brightness: 0.1, erasing: 0.3 },
  sessions: [
    { trainable: 'all', epochs: 8, learningRate: 5e-4 },
    { trainable: 'all', epochs: 8, learningRate: 5e-4 },
  ],
};

/**
 * The demo is the classic recipe at a size for a first look: 640 training faces instead of 17,000 make 1/27 of the steps,
 * so batches are smaller and the heads take larger strides. The whole network does not: above 1e-4 it falls apart on some seeds.
 */
export const PRESETS: Readonly<Record<PresetName, Config>> = {
  classic: CLASSIC,
  best: BEST,
  demo: {
    ...CLASSIC,
    preset: 'demo',
    imageSizePx: 96,
    batchSize: 16,
    sessions: [
      { trainable: 'heads', epochs: 5, learningRate: 1e-3 },
      { trainable: 'all', epochs: 5, learningRate: 1e-4 },
    ],
  },
};

const SETTINGS: readonly (keyof Settings)[] = [
  'preset',
  'data',
  'weights',
  'seed',
  'imageSize',
  'batchSize',
  'limit',
  'epochs',
  'ageScale',
  'judgedBy',
  'ageHead',
  'learningRate',
  'averageDecay',
  'objective',
  'schedule',
  'augmentation',
];

/** The preset with the settings laid over it. Throws an InputError that names the first setting out of range. */
export function resolveConfig(settings: Settings): Config {
  const name = settings.preset ?? 'demo';
  requireOneOf('preset', name, Object.keys(PRESETS));
  return overlayConfig(PRESETS[name], settings);
}

/** A configuration with the settings laid over it. Throws an InputError that names the first setting out of range. */
export function overlayConfig(base: Config, settings: Settings): Config {
  for (const key of Object.keys(settings)) requireOneOf(`the setting`, key, SETTINGS);
  const session = (plan: SessionPlan): SessionPlan => ({
    ...plan,
    epochs: settings.epochs ?? plan.epochs,
    learningRate: settings.learningRate ?? plan.learningRate,
  });
  const config: Config = {
    ...base,
    preset: settings.preset ?? base.preset,
    data: settings.data ?? base.data,
    weights: settings.weights ?? base.weights,
    seed: settings.seed ?? base.seed,
    imageSizePx: settings.imageSize ?? base.imageSizePx,
    batchSize: settings.batchSize ?? base.batchSize,
    limit: settings.limit ?? base.limit,
    judgedBy: settings.judgedBy ?? base.judgedBy,
    ageScale: settings.ageScale ?? base.ageScale,
    ageHead: settings.ageHead ?? base.ageHead,
    averageDecay: settings.averageDecay ?? base.averageDecay,
    objective: overlay('objective', base.objective, settings.objective),
    schedule: overlay('schedule', base.schedule, settings.schedule),
    augmentation: augmentationOf(base.augmentation, settings.augmentation),
    sessions: [session(base.sessions[0]), session(base.sessions[1])],
  };
  requireSound(config);
  return config;
}

function augmentationOf(preset: Augmentation | null, given: Settings['augmentation']): Augmentation | null {
  if (given === null || (given === undefined && preset === null)) return null;
  return overlay('augmentation', preset ?? NO_AUGMENTATION, given);
}

/** The entries given laid over the others. Throws an InputError for one that is not known. */
function overlay<T extends object>(name: string, base: T, given: Partial<T> | undefined): T {
  for (const key of Object.keys(given ?? {})) requireOneOf(`the setting ${name}.`, key, Object.keys(base));
  return { ...base, ...given };
}

function requireSound(config: Config): void {
  const { imageSizePx, augmentation, objective, sessions, ageHead } = config;
  requireOneOf('ageScale', config.ageScale, ['standardised', 'years']);
  requireOneOf('judgedBy', config.judgedBy, ['validation', 'selection']);
  requireOneOf('ageHead', ageHead, ['unit', 'distribution']);
  requireOneOf('schedule.decay', config.schedule.decay, ['constant', 'cosine']);
  requireWhole('seed', config.seed, 0);
  requireSize('imageSize', imageSizePx);
  requireWhole('batchSize', config.batchSize, 1);
  requireWhole('epochs', sessions[0].epochs, 1);
  requireWhole('schedule.warmUpSteps', config.schedule.warmUpSteps, 0);
  if (config.limit !== null) requireWhole('limit', config.limit, 10);
  requireBetween('averageDecay', config.averageDecay, 0, 0.99999);
  requireBetween('learningRate', sessions[1].learningRate, 1e-8, 1);
  for (const [name, value] of Object.entries(objective)) requireBetween(`objective.${name}`, value, 0, 1000);
  if (augmentation !== null) {
    const { cropPx, flip, ...shares } = augmentation;
    requireSize('augmentation.cropPx', cropPx);
    if (cropPx > imageSizePx) throw new InputError(`augmentation.cropPx ${cropPx}: expected at most imageSize, ${imageSizePx}.`);
    for (const [name, value] of Object.entries(shares)) requireBetween(`augmentation.${name}`, value, 0, 1);
  }
  if (ageHead === 'distribution' && config.ageScale !== 'years') {
    throw new InputError('ageHead "distribution" answers in years: expected ageScale "years" with it.');
  }
  if (objective.ageDistribution > 0 && (ageHead !== 'distribution' || objective.ageLabelSdYears === 0)) {
    throw new InputError('objective.ageDistribution needs ageHead "distribution" and an objective.ageLabelSdYears above 0.');
  }
}

/** Whether two runs would train the same thing. */
export function sameConfig(a: Config, b: Config): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function requireSize(name: string, sizePx: number): void {
  requireWhole(name, sizePx, 32);
  if (sizePx % 16 !== 0 || sizePx > 512) {
    throw new InputError(`${name} ${sizePx}: expected a multiple of 16 from 32 to 512, such as 96, 128 or 224.`);
  }
}

function requireBetween(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw new InputError(`${name} ${value}: expected a number from ${least} to ${most}.`);
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new InputError(`${name} ${value}: expected a whole number of at least ${least}.`);
  }
}

function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw new InputError(`${name} "${value}": expected one of ${allowed.join(', ')}.`);
}
