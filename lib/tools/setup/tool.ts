/**
 * Runs the programs that setup needs (Python, pip, the C++ compiler), with everything they write kept inside the project, and reads
 * stamps of what they have finished.
 */
import { spawn, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { InputError, messageOf } from '../../base/errors';
import type { ProgressListener } from '../../base/progress';
import { projectPath } from '../../base/project';
import { shownPath } from '../paths';

/** Downloads under way, logs, and the settings that Jupyter would otherwise keep in the home folder. */
export const cachePath = (...parts: readonly string[]): string => projectPath('.cache', ...parts);

/** Where setup's programs put their temporary files; emptied before and after. */
export const temporaryPath = (): string => cachePath('setup');

interface ToolRun {
  /** What is being done, for the message of a failure: "Installing Jupyter". */
  readonly doing: string;
  /** What to do when it fails; a sentence. */
  readonly mend: string;
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end. Its output goes to .cache/setup.log and, line by line, to `onLine`.
 * Throws an InputError with the last telling line when the program cannot be started or fails.
 */
export async function runTool(program: string, words: readonly string[], run: ToolRun): Promise<void> {
  mkdirSync(temporaryPath(), { recursive: true });
  const log = cachePath('setup.log');
  const lines: string[] = [];
  const take = (line: string): void => {
    appendFileSync(log, `${line}\n`);
    lines.push(line);
    run.onLine?.(line);
  };
  take(`$ ${program} ${words.filter((word) => !word.includes('\n')).join(' ')}`);
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TMPDIR: temporaryPath(),
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
      PIP_ROOT_USER_ACTION: 'ignore',
      PIP_USER: '0',
    },
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
  const faultOf = ([code, signal]: unknown[]) => code !== 0 && (tellingLine(lines.slice(1)) ?? `it ended with ${signal ?? code}`);
  const failure = await once(child, 'close').then(faultOf, messageOf);
  if (failure) throw new InputError(`${run.doing} failed: ${failure} (all of it in ${shownPath(log)}). ${run.mend}`);
}

interface PipRun {
  /** What is installed, for progress and the message of a failure: "Jupyter". */
  readonly what: string;
  /** Hears of each package. */
  readonly onProgress?: ProgressListener;
  /** Further arguments of `pip install`. */
  readonly words?: readonly string[];
}

/**
 * Installs what a file of hash-locked requirements lists, and nothing else, with the pip of the given Python. pip is told to die
 * with this process: one that lived on after a kill would write into what the next setup makes anew.
 */
export async function installWithPip(python: string, requirements: string, { what, onProgress, words = [] }: PipRun): Promise<void> {
  const total = (readFileSync(requirements, 'utf8').match(/^[\w-]+==/gm) ?? []).length;
  const tell = (done: number, detail?: string) => onProgress?.({ label: `Installing ${what}`, done, total, unit: 'packages', detail });
  let done = 0;
  const locked = ['--no-cache-dir', '--no-deps', '--require-hashes', '--only-binary=:all:', '-r', requirements];
  await runTool(python, ['-c', MORTAL_PIP, 'install', ...locked, ...words], {
    doing: `Installing ${what}`,
    mend: 'Check that the Python package index can be reached and 3 GB of disk are free, then run the same command again.',
    onLine: (line) => {
      if (line.startsWith('Installing collected')) tell(total - 1, 'unpacking');
      if (/^(Collecting|Ignoring) /.test(line) && done < total - 1) tell(++done, line.split(' ')[1].replace(/:$/, ''));
    },
  });
  tell(total);
}

const PR_SET_PDEATHSIG = 1;
const MORTAL_PIP = `
import ctypes, runpy, signal, sys
if sys.platform == 'linux':
    ctypes.CDLL(None).prctl(${PR_SET_PDEATHSIG}, signal.SIGKILL)
sys.argv[0] = 'pip'
runpy.run_module('pip', run_name='__main__')
`.trim();

/** Whether a program of this name is on the PATH. */
export function hasTool(program: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'command -v "$0"', program]).status === 0;
}

function tellingLine(lines: readonly string[]): string | undefined {
  const told = lines.map((line) => line.trim()).filter((line) => line !== '');
  return told.filter((line) => /\berror\b/i.test(line)).at(-1) ?? told.at(-1);
}

/** What a step was made from, as its stamp says: a small file that is written last. Undefined where the step is not finished. */
export function readStamp(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** A short hash over texts, for comparing what a step was made from with what it would be made from now. */
export function fingerprint(...inputs: readonly string[]): string {
  return hash('sha256', inputs.map((input) => `${input}\0`).join('')).slice(0, 16);
}
