/** The settings that several commands share, read from their arguments. */
import * as v from 'valibot';
import { InputError } from '../../base/errors';
import { readJson } from '../../base/files';
import { SETTINGS, type Settings } from '../../config';
import { callerPath } from '../paths';
import type { CommandArguments, CommandOption } from './command';
import { withFetched } from './download';

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** An option for each setting that has a name of its own: --image-size for `imageSize`. */
export const SETTING_OPTIONS: Readonly<Record<string, CommandOption>> = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, schema]) => [flagOf(name), { type: 'string', ...v.getMetadata(schema) }]),
);

export const ACCEPT_TERMS: CommandOption = { type: 'boolean', help: "accept UTKFace's terms, for --data download" };

/**
 * What the arguments set, over what the file set that --preset names; once data and weights are fetched, where the word
 * `download` asks for them and they are not here yet, and weights of Keras's imported. Whether values are sound is for the
 * configuration to say. Throws an InputError for a settings file that is none.
 */
export async function readSettings(args: CommandArguments): Promise<Settings> {
  const given = Object.entries(SETTINGS).flatMap(([name, schema]) => {
    const typed = args.text(flagOf(name));
    if (typed === undefined || (name === 'preset' && typed.endsWith('.json'))) return [];
    const number = typed.trim() === '' ? Number.NaN : Number(typed);
    return [[name, v.is(schema, typed) || Number.isNaN(number) ? typed : number]];
  });
  return withFetched({ ...settingsFile(args.text('preset')), ...Object.fromEntries(given) }, args);
}

function settingsFile(preset: string | undefined): Settings {
  if (!preset?.endsWith('.json')) return {};
  const settings = readJson<Settings>(callerPath(preset));
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings;
  throw new InputError(`--preset ${preset}: expected settings by their names, such as {"preset": "classic", "seed": 2}.`);
}
