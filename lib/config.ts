/** Presets and settings: what a run is made of. One word a setting, the same on the command line, in notebooks and in JSON. */
import { InputError } from './errors';

export type PresetName = 'demo' | 'classic';

/** What a session trains: the two heads, the heads and the last N of the base's 17 blocks, or everything. */
export type Trainable = 'heads' | 'all' | `last ${number} blocks`;

export interface SessionPlan {
  readonly trainable: Trainable;
  readonly epochs: number;
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
  /** Side of the square that images are scaled to; a multiple of 32. */
  readonly imageSizePx: number;
  readonly batchSize: number;
  /** At most this many files, drawn by the seed; null for all. */
  readonly limit: number | null;
  readonly validationShare: number;
  /** The unit in which the age head learns: standard deviations from the training mean, or years as they are. */
  readonly ageScale: 'standardised' | 'years';
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
  ageScale: 'standardised',
  sessions: [
    { trainable: 'heads', epochs: 5, learningRate: 1e-4 },
    { trainable: 'all', epochs: 5, learningRate: 1e-4 },
  ],
};

/**
 * The demo is the classic recipe at a size for a first look: 640 training faces instead of 17,000 make 1/27 of the steps,
 * so batches are smaller and the heads take larger strides. The whole network does not: above 1e-4 it falls apart on some seeds.
 */
export const PRESETS: Readonly<Record<PresetName, Config>> = {
  classic: CLASSIC,
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

/** The preset with the settings laid over it. Throws an InputError that names the first setting out of range. */
export function resolveConfig(settings: Settings): Config {
  const known = ['preset', 'data', 'weights', 'seed', 'imageSize', 'batchSize', 'limit', 'epochs', 'ageScale'];
  for (const key of Object.keys(settings)) requireOneOf(`the setting`, key, known);
  const name = settings.preset ?? 'demo';
  requireOneOf('preset', name, Object.keys(PRESETS));
  const preset = PRESETS[name];
  const config: Config = {
    ...preset,
    data: settings.data ?? preset.data,
    weights: settings.weights ?? preset.weights,
    seed: settings.seed ?? preset.seed,
    imageSizePx: settings.imageSize ?? preset.imageSizePx,
    batchSize: settings.batchSize ?? preset.batchSize,
    limit: settings.limit ?? preset.limit,
    ageScale: settings.ageScale ?? preset.ageScale,
    sessions: [
      { ...preset.sessions[0], epochs: settings.epochs ?? preset.sessions[0].epochs },
      { ...preset.sessions[1], epochs: settings.epochs ?? preset.sessions[1].epochs },
    ],
  };
  requireOneOf('ageScale', config.ageScale, ['standardised', 'years']);
  requireWhole('seed', config.seed, 0);
  requireWhole('imageSize', config.imageSizePx, 32);
  if (config.imageSizePx % 32 !== 0 || config.imageSizePx > 512) {
    throw new InputError(`imageSize ${config.imageSizePx}: expected a multiple of 32 from 32 to 512, such as 96, 128 or 224.`);
  }
  requireWhole('batchSize', config.batchSize, 1);
  requireWhole('epochs', config.sessions[0].epochs, 1);
  if (config.limit !== null) requireWhole('limit', config.limit, 10);
  return config;
}

/** Whether two runs would train the same thing. */
export function sameConfig(a: Config, b: Config): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new InputError(`${name} ${value}: expected a whole number of at least ${least}.`);
  }
}

function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw new InputError(`${name} "${value}": expected one of ${allowed.join(', ')}.`);
}
