/** From what a person sets to a whole configuration. */
import { type Augmentation, NO_AUGMENTATION } from '../images/augment';
import type { AgeHead } from '../model/face-model';
import { requireOneOf, requireSound } from './check';
import type { Config, CoolDown, PresetName, Schedule, SessionPlan } from './config';
import type { Objective } from './objective';
import { PRESETS } from './presets';

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
  readonly emaDecay?: number;
  readonly weightDecay?: number;
  /** Laid over the preset's, entry by entry. */
  readonly objective?: Partial<Objective>;
  readonly schedule?: Partial<Schedule>;
  readonly augmentation?: Partial<Augmentation> | null;
  readonly coolDown?: Partial<CoolDown>;
}

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
  'emaDecay',
  'weightDecay',
  'objective',
  'schedule',
  'augmentation',
  'coolDown',
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
    emaDecay: settings.emaDecay ?? base.emaDecay,
    weightDecay: settings.weightDecay ?? base.weightDecay,
    objective: overlay('objective', base.objective, settings.objective),
    schedule: overlay('schedule', base.schedule, settings.schedule),
    augmentation: augmentationOf(base.augmentation, settings.augmentation),
    sessions: [session(base.sessions[0]), session(base.sessions[1])],
    coolDown: overlay('coolDown', base.coolDown, settings.coolDown),
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
