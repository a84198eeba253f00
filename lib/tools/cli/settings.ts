/** The settings that several commands share, read from their arguments. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError, messageOf } from '../../base/errors';
import type { PresetName } from '../../config/config';
import { PRESETS } from '../../config/presets';
import type { Settings } from '../../config/settings';
import type { CommandArguments, CommandOption } from './command';
import { fetchNamed } from './download';

export const SETTING_OPTIONS: Readonly<Record<string, CommandOption>> = {
  preset: { type: 'string', value: 'name', help: `${Object.keys(PRESETS).join(' or ')}, or a .json file of settings (default: demo)` },
  data: { type: 'string', value: 'path', help: 'folder, .tar.gz, .zip, or "download" (default: data/UTKFace, else drawn faces)' },
  weights: {
    type: 'string',
    value: 'path',
    help: 'tfjs LayersModel folder, Keras .h5, or "download" (default: data/weights, else the bundled model)',
  },
  seed: { type: 'string', value: 'number', help: 'decides split, order and first weights (default: 1)' },
  'image-size': { type: 'string', value: 'px', help: 'side of the images, a multiple of 16' },
  'batch-size': { type: 'string', value: 'images', help: 'images a step' },
  limit: { type: 'string', value: 'files', help: 'use at most so many files' },
  epochs: { type: 'string', value: 'number', help: 'epochs of each session (default: 5)' },
  'age-scale': { type: 'string', value: 'unit', help: 'standardised or years: the unit in which the age head learns' },
};

/**
 * What the arguments set, once data and weights are fetched where the word `download` asks for them and they are not here yet.
 * Throws an InputError for a number that is none, or a settings file that cannot be read.
 */
export async function readSettings(args: CommandArguments): Promise<Settings> {
  const preset = args.text('preset');
  const fromFile = preset?.endsWith('.json') ? settingsFile(preset) : preset === undefined ? {} : { preset: preset as PresetName };
  const given = {
    data: place(args.text('data')),
    weights: place(args.text('weights')),
    seed: number(args, 'seed'),
    imageSize: number(args, 'image-size'),
    batchSize: number(args, 'batch-size'),
    limit: number(args, 'limit'),
    epochs: number(args, 'epochs'),
    ageScale: args.text('age-scale') as Settings['ageScale'],
  };
  const settings: Settings = { ...fromFile, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
  await fetchNamed(settings, args);
  return settings;
}

function settingsFile(file: string): Settings {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`--preset ${file}: cannot be read (${messageOf(error)}). Expected JSON such as {"preset": "classic", "seed": 2}.`);
  }
}

/** Absolute, so that it means the same in the notebooks. */
function place(text: string | undefined): string | undefined {
  return text === undefined || text === 'download' ? text : path.resolve(text);
}

function number(args: CommandArguments, option: string): number | undefined {
  const text = args.text(option);
  if (text === undefined) return undefined;
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InputError(`--${option} ${text}: expected a number.`);
  return Number(text);
}
