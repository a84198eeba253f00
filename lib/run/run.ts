/** The run folder `outputs/<run>/`: everything that a run made, and all that is needed to make it again. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'glob';
import { InputError } from '../base/errors';
import { readJson, writeJson } from '../base/files';
import { holdLock } from '../base/lock';
import { projectPath } from '../base/project';
import { type Augmentation, type Config, NO_AUGMENTATION, overlayConfig, PLAIN_OBJECTIVE, type Settings } from '../config';
import { PRESETS } from '../presets';

export interface Run {
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  readonly config: Config;
}

/** Whether a run of that name has been begun. */
export function runExists(name: string): boolean {
  return existsSync(path.join(runFolder(name), 'config.json'));
}

/**
 * Opens a run by its name below outputs/. Settings given have to agree with its own, but for the places of its data and
 * weights: those may have moved, and opening the data shows whether they are the same.
 * Throws an InputError where there is no such run, and where settings do not agree.
 */
export function openRunFolder(name: string, settings: Settings = {}): Run {
  const folder = runFolder(name);
  if (!runExists(name)) {
    const names = listRuns();
    throw new InputError(`${folder}: no such run. Expected one of: ${names.join(', ') || 'none yet; start with npm run walkthrough'}.`);
  }
  const made = readConfig(folder);
  const config = overlayConfig(made, settings);
  const texts = (Object.keys(config) as (keyof Config)[]).map((key) => [key, JSON.stringify(made[key]), JSON.stringify(config[key])]);
  const others = texts.filter(([key, before, now]) => before !== now && !['data', 'weights'].includes(key));
  if (others.length === 0) return { name, folder, config };
  const listed = others.map(([key, before, now]) => `${key} ${before}, not ${now}`).join('; ');
  throw new InputError(
    `${folder}: made by another configuration (${listed}). Leave these settings out to go on with it, or choose another --run name.`,
  );
}

/** Data and weights by name alone: nobody else has them where this machine has them. */
export function withoutPlaces(config: Config): Config {
  const nameOf = (place: string | null) => place && path.basename(place);
  return { ...config, data: nameOf(config.data), weights: nameOf(config.weights) };
}

/** Makes the folder of a new run: of that name or, without one, of preset and time, a name that no other process gets. */
export function makeRunFolder(config: Config, name?: string): Run {
  const stamp = new Date().toISOString().slice(0, 19).replace('T', '-').replace(/:/g, '');
  mkdirSync(projectPath('outputs'), { recursive: true });
  for (let count = 1; ; count++) {
    const chosen = name ?? `${config.preset}-${stamp}${count === 1 ? '' : `-${count}`}`;
    const folder = runFolder(chosen);
    const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
    if (isNew || name !== undefined) return { name: chosen, folder, config };
  }
}

/** What some of the configuration was called before, and what there is no more. */
interface OlderConfig extends Partial<Omit<Config, 'augmentation'>> {
  readonly averageDecay?: number;
  readonly settling?: Config['coolDown'];
  readonly teachers?: string | null;
  readonly augmentation: (Augmentation & { readonly blending?: number }) | null;
}

/** A run's stored configuration. */
export const readConfig = (folder: string): Config => completeConfig(readJson(path.join(folder, 'config.json')), folder);

/** What a configuration is too old to know of was not done. Throws an InputError, naming the place it is from, for a run that had teachers. */
export function completeConfig(written: OlderConfig, place: string): Config {
  const { averageDecay = 0, settling = PRESETS.classic.coolDown, teachers, augmentation: older, ...stored } = written;
  const doInstead = 'To train it on or reproduce it, check out the code that its provenance names; else move it away';
  if (teachers) throw new InputError(`${place}: labels from teachers (${teachers}), which this version does not know. ${doInstead}.`);
  const { teaching: _, ...objective } = { ...PLAIN_OBJECTIVE, teaching: 0, ...stored.objective }; // a share for teachers
  const { blending = 0, ...augmentation } = older ?? {};
  return {
    ...PRESETS.classic,
    emaDecay: averageDecay,
    coolDown: settling,
    ...stored,
    objective,
    augmentation: older ? { ...NO_AUGMENTATION, mixup: blending, ...augmentation } : null,
  };
}

/**
 * Keeps other processes from training the run, until what is returned is called or this process ends.
 * Throws an InputError with the number of the one that trains it.
 */
export async function lockRun({ name, folder }: Run): Promise<() => void> {
  const lock = await holdLock(folder);
  if ('release' in lock) return lock.release;
  const own = lock.holder === process.pid ? 'this process already' : `process ${lock.holder}`;
  const holder = lock.holder === undefined ? 'another process' : own;
  throw new InputError(`Run ${name}: ${holder} trains this run. Wait until it has ended, or stop it, then try again.`);
}

/** The names of all runs, newest first. */
export function listRuns(): string[] {
  const configs = globSync('*/config.json', { cwd: projectPath('outputs'), stat: true, withFileTypes: true });
  return configs.sort((a, b) => Number(b.mtimeMs) - Number(a.mtimeMs)).map(({ parentPath }) => path.basename(parentPath));
}

/** The newest run, or undefined where there is none. */
export function newestRun(): Run | undefined {
  const [name] = listRuns();
  return name === undefined ? undefined : openRunFolder(name);
}

/** Which entries of data/cache a run works with, by name; none where it never said so. */
export function cacheUseOf(folder: string): readonly string[] {
  const file = path.join(folder, 'cache.json');
  return existsSync(file) ? readJson<readonly string[]>(file) : [];
}

/** Writes down that a run works with these files or folders, so far as they lie in data/cache: what no run names may be cleaned away. */
export async function recordCacheUse({ folder }: Run, ...places: readonly string[]): Promise<void> {
  const inside = places.map((place) => path.relative(projectPath('data', 'cache'), place).split(path.sep)[0]);
  const known = cacheUseOf(folder);
  const all = [...new Set([...known, ...inside.filter((name) => name !== '..')])];
  if (all.length > known.length) await writeJson(path.join(folder, 'cache.json'), all);
}

function runFolder(name: string): string {
  if (!/^(?:(?:ablation|soups)\/)?(?!\.)[\w.-]+$/.test(name)) {
    throw new InputError(`run "${name}": expected a plain folder name of letters, digits, ".", "_" and "-".`);
  }
  return projectPath('outputs', name);
}
