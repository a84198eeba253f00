/** Refuses a configuration that cannot work, by the first setting that is at fault. */
import { InputError } from '../base/errors';
import type { Config } from './config';

/** Throws an InputError that names the first setting out of range. */
export function requireSound(config: Config): void {
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
  requireBetween('emaDecay', config.emaDecay, 0, 0.99999);
  requireBetween('weightDecay', config.weightDecay, 0, 1);
  requireBetween('learningRate', sessions[1].learningRate, 1e-8, 1);
  requireWhole('coolDown.epochs', config.coolDown.epochs, 0);
  requireBetween('coolDown.learningRate', config.coolDown.learningRate, 0, 1);
  for (const [name, value] of Object.entries(objective)) requireBetween(`objective.${name}`, value, 0, 1000);
  requireBetween('objective.ageTemperature', objective.ageTemperature, 0.1, 10);
  if (augmentation !== null) {
    const { cropPx, flip, rotationDegrees, ...shares } = augmentation;
    requireSize('augmentation.cropPx', cropPx);
    if (cropPx > imageSizePx) throw new InputError(`augmentation.cropPx ${cropPx}: expected at most imageSize, ${imageSizePx}.`);
    requireBetween('augmentation.rotationDegrees', rotationDegrees, 0, 180);
    if (augmentation.mixup > 0 && objective.genderSmoothing === 0) {
      throw new InputError('augmentation.mixup makes labels that are partly both: expected an objective.genderSmoothing above 0 with it.');
    }
    for (const [name, value] of Object.entries(shares)) requireBetween(`augmentation.${name}`, value, 0, 1);
  }
  if (ageHead === 'distribution' && config.ageScale !== 'years') {
    throw new InputError('ageHead "distribution" answers in years: expected ageScale "years" with it.');
  }
  if (objective.ageDistribution > 0 && (ageHead !== 'distribution' || objective.ageLabelSdYears === 0)) {
    throw new InputError('objective.ageDistribution needs ageHead "distribution" and an objective.ageLabelSdYears above 0.');
  }
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

/** Throws an InputError that lists what was expected. */
export function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw new InputError(`${name} "${value}": expected one of ${allowed.join(', ')}.`);
}
