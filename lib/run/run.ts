/** The run folder `outputs/<run>/`: everything that a run made, and all that is needed to make it again. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { readJson, writeJson } from '../base/files';
import { projectPath } from '../base/project';
import { type Config, sameConfig } from '../config/config';
import { PLAIN_OBJECTIVE } from '../config/objective';
import { PRESETS } from '../config/presets';
import { overlayConfig, resolveConfig, type Settings } from '../config/settings';
import { type Augmentation, NO_AUGMENTATION } from '../images/augment';

export interface Run {
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  readonly config: Config;
}

/**
 * Makes `outputs/<name>/`, or opens it where it is there already: then the settings given have to agree with it, and those
 * not given are the run's own. Throws an InputError where they do not agree. Without a name: the preset and the time.
 */
export async function createRun(settings: Settings, name?: string): Promise<Run> {
  if (name !== undefined && runExists(name)) {
    const existing = openRunFolder(name);
    const wanted = overlayConfig(existing.config, settings);
    if (sameConfig(existing.config, wanted)) return existing;
    const reason = `made by another configuration (${differences(existing.config, wanted)})`;
    throw new InputError(`${existing.folder}: ${reason}. Leave these settings out to go on with it, or choose another --run name.`);
  }
  const config = resolveConfig(settings);
  const chosen = name ?? freshName(config.preset);
  const folder = runFolder(chosen);
  mkdirSync(folder, { recursive: true });
  await writeJson(path.join(folder, 'config.json'), config);
  return { name: chosen, folder, config };
}

/** Whether a run of that name has been begun. */
export function runExists(name: string): boolean {
  return existsSync(path.join(runFolder(name), 'config.json'));
}

/** Opens a run by its name below outputs/. */
export function openRunFolder(name: string): Run {
  const folder = runFolder(name);
  const file = path.join(folder, 'config.json');
  if (!existsSync(file)) {
    const names = listRuns();
    throw new InputError(`${folder}: no such run. Expected one of: ${names.join(', ') || 'none yet; start with npm run walkthrough'}.`);
  }
  return { name, folder, config: readConfig(file) };
}

/** What some of the configuration was called before. */
interface OlderConfig extends Partial<Omit<Config, 'augmentation'>> {
  readonly averageDecay?: number;
  readonly settling?: Config['coolDown'];
  readonly augmentation: (Augmentation & { readonly blending?: number }) | null;
}

/** A stored configuration; what it is too old to know of was not done. */
function readConfig(file: string): Config {
  const { averageDecay = 0, settling = PRESETS.classic.coolDown, augmentation: older, ...stored } = readJson<OlderConfig>(file);
  const { blending = 0, ...augmentation } = older ?? {};
  return {
    ...PRESETS.classic,
    emaDecay: averageDecay,
    coolDown: settling,
    ...stored,
    objective: { ...PLAIN_OBJECTIVE, ...stored.objective },
    augmentation: older ? { ...NO_AUGMENTATION, mixup: blending, ...augmentation } : null,
  };
}

/** The names of all runs, newest first. */
export function listRuns(): string[] {
  const outputs = projectPath('outputs');
  if (!existsSync(outputs)) return [];
  const made = readdirSync(outputs)
    .map((name) => ({ name, file: path.join(outputs, name, 'config.json') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, timeMs: statSync(file).mtimeMs }));
  return made.sort((a, b) => b.timeMs - a.timeMs).map(({ name }) => name);
}

/** The newest run, or undefined where there is none. */
export function newestRun(): Run | undefined {
  const [name] = listRuns();
  return name === undefined ? undefined : openRunFolder(name);
}

/** The run of that name, or without one the newest. Throws an InputError where there is none. */
export function requireRun(name: string | undefined): Run {
  const run = name === undefined ? newestRun() : openRunFolder(name);
  if (!run) throw new InputError('outputs/: no run yet. Expected one made by npm run walkthrough; run it first.');
  return run;
}

function runFolder(name: string): string {
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.')) {
    throw new InputError(`run "${name}": expected a plain folder name of letters, digits, ".", "_" and "-".`);
  }
  return projectPath('outputs', name);
}

function freshName(preset: string): string {
  const stamp = new Date().toISOString().slice(0, 19).replace('T', '-').replace(/:/g, '');
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${preset}-${stamp}` : `${preset}-${stamp}-${count}`;
    if (!existsSync(runFolder(name))) return name;
  }
}

function differences(existing: Config, wanted: Config): string {
  const pairs = (Object.keys(wanted) as (keyof Config)[])
    .map((key) => [key, JSON.stringify(existing[key]), JSON.stringify(wanted[key])])
    .filter(([, before, after]) => before !== after);
  return pairs.map(([key, before, after]) => `${key} ${before}, not ${after}`).join('; ');
}
