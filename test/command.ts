/** Runs a command of the project as a person would, and keeps what it says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { projectRoot } from '../lib/base/project';

export interface Outcome {
  readonly code: number | null;
  /** What ended it, if it did not end by itself. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs beside the library; all other commands are in lib/tools/cli. */
const BESIDE: Readonly<Record<string, string>> = {
  ablation: 'test/ablation/main.ts',
  soup: 'test/soup/main.ts',
  compare: 'test/compare/main.ts',
  reproduce: 'test/reproduce/main.ts',
  stability: 'test/stability/main.ts',
};

export function runCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  project: string = projectRoot(),
): Outcome {
  const program = Object.hasOwn(BESIDE, words[0]) ? [BESIDE[words[0]], ...words.slice(1)] : ['lib/tools/cli/main.ts', ...words];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...program], {
    cwd: project,
    env: { ...process.env, INIT_CWD: project, ...environment },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, signal, stdout, stderr };
}

/** The outcome as it is; throws with all that the command said unless it ended with 0. */
export function succeeded(outcome: Outcome): Outcome {
  const { code, signal, stdout, stderr } = outcome;
  assert.equal(code, 0, `ended with ${signal ?? code}\n${stdout}${stderr}`);
  return outcome;
}
