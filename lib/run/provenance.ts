/** What is needed to say where a run's numbers come from: data, weights, and the code, versions and machines that trained it. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { readJson, writeJson } from '../base/files';
import { projectPath, projectRoot } from '../base/project';
import { hashCode, writeHashes } from './hashes';
import type { Run } from './run';

/** What was used at a time. */
export interface Environment {
  readonly code?: string;
  /** Over all files of lib, and package-lock.json. */
  readonly codeSha256?: string;
  readonly versions?: Readonly<Record<string, string>>;
  readonly machine?: string;
  readonly engine?: string;
  /** In how many parts a batch is computed, and what the environment says of threads and arithmetic, without paths. */
  readonly threads?: string;
}

export interface Provenance {
  readonly data?: Readonly<Record<string, unknown>> & { readonly kind: string; readonly label: string };
  /** How many faces each side has. */
  readonly split?: { readonly training: number; readonly validation: number };
  readonly weights?: { readonly kind: string; readonly label: string; readonly sha256: string };
  /** Of a run whose weights are the mean of others': their names. */
  readonly soup?: readonly string[];
  /** Everything that has trained the run, in order, each from its time on (ISO 8601; unknown in runs of old). */
  readonly trainedBy: readonly (Environment & { readonly from?: string })[];
}

export function readProvenance({ folder }: Pick<Run, 'folder'>): Provenance {
  const file = path.join(folder, 'provenance.json');
  if (!existsSync(file)) return { trainedBy: [] };
  // Runs of old remember the last environment only, among the rest.
  const { code, versions, machine, engine, ...facts } = readJson<Partial<Provenance> & Environment>(file);
  return { trainedBy: code === undefined ? [] : [{ code, versions, machine, engine }], ...facts };
}

/** Adds to what is known of the run. */
export async function writeProvenance(run: Run, facts: Partial<Provenance>): Promise<void> {
  await writeJson(path.join(run.folder, 'provenance.json'), { ...readProvenance(run), ...facts });
}

/** Adds what trains the run from now on, unless it is what trained it last. */
export async function recordTraining(run: Run, engine: string, parts = 1): Promise<void> {
  const { trainedBy } = readProvenance(run);
  const { codeSha256, files } = hashCode();
  const now = environment(engine, parts, codeSha256);
  const { from: _, ...last } = trainedBy.at(-1) ?? {};
  if (JSON.stringify(last) === JSON.stringify(now)) return;
  await writeHashes(run, { code: { [codeSha256]: files } });
  await writeProvenance(run, { trainedBy: [...trainedBy, { ...now, from: new Date().toISOString() }] });
}

export function environment(engine: string, parts: number, codeSha256: string): Environment {
  const version = (name: string) => readJson<{ readonly version: string }>(projectPath('node_modules', name, 'package.json')).version;
  const variables = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const ofEngine = variables.filter((text) => /^(TF_(NUM|ENABLE|ONEDNN|SET|XLA)|ONEDNN|DNNL|OMP)_\w+=[\w.,=+-]*$/.test(text)).sort();
  return {
    code: gitCommit(),
    codeSha256,
    versions: {
      node: process.versions.node,
      tfjs: version('@tensorflow/tfjs'),
      onnxruntime: version('onnxruntime-node'),
      sharp: version('sharp'),
      tslab: version('tslab'),
    },
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`,
    engine,
    threads: [`${parts} parts of a batch`, ...ofEngine].join(', '),
  };
}

function gitCommit(): string {
  const words = ['describe', '--always', '--exclude=*', '--abbrev=40', '--dirty= with local changes'];
  try {
    return execFileSync('git', words, { cwd: projectRoot(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'not a git checkout';
  }
}
