/** What is needed to say where a run's numbers come from: data, weights, code, versions, machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { readJson, writeJson } from '../base/files';
import { projectPath, projectRoot } from '../base/project';
import type { Run } from './run';

export type Provenance = Readonly<Record<string, unknown>>;

/** Adds `facts` to the run's `provenance.json`, beside the code, versions and machine at the time. */
export async function recordProvenance(run: Run, facts: Provenance): Promise<void> {
  const known = readProvenance(run);
  await writeJson(path.join(run.folder, 'provenance.json'), { ...known, ...environment(), ...facts });
}

export function readProvenance(run: Run): Provenance {
  const file = path.join(run.folder, 'provenance.json');
  return existsSync(file) ? readJson(file) : {};
}

function environment(): Provenance {
  const version = (name: string) => JSON.parse(readFileSync(projectPath('node_modules', name, 'package.json'), 'utf8')).version;
  return {
    code: gitCommit(),
    versions: { node: process.versions.node, tfjs: version('@tensorflow/tfjs'), sharp: version('sharp'), tslab: version('tslab') },
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`,
  };
}

function gitCommit(): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: projectRoot(), stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with local changes');
  } catch {
    return 'not a git checkout';
  }
}
