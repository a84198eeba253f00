/** Runs the programs that setup needs (Python, pip, node-gyp), with everything they write kept inside the project. */
import { spawn } from 'node:child_process';
import { accessSync, appendFileSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { InputError } from '../../base/errors';
import { cachePath, temporaryPath } from './paths';

export interface ToolRun {
  /** What is being done, for the message of a failure: "Installing Jupyter". */
  readonly doing: string;
  /** What to do when it fails; a sentence. */
  readonly mend: string;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end. Its output goes to .cache/setup.log and, line by line, to `onLine`.
 * Throws an InputError with the last telling line when the program cannot be started or fails.
 */
export async function runTool(program: string, words: readonly string[], run: ToolRun): Promise<void> {
  const temporary = temporaryPath();
  mkdirSync(temporary, { recursive: true });
  const log = cachePath('setup.log');
  const lines: string[] = [];
  const take = (line: string): void => {
    appendFileSync(log, `${line}\n`);
    lines.push(line);
    run.onLine?.(line);
  };
  take(`$ ${program} ${words.filter((word) => !word.includes('\n')).join(' ')}`);
  const child = spawn(program, words, {
    cwd: run.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TMPDIR: temporary,
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
      PIP_ROOT_USER_ACTION: 'ignore',
      PIP_USER: '0',
      ...run.environment,
    },
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : (tellingLine(lines.slice(1)) ?? `it ended with ${signal ?? code}`)),
    );
  });
  if (failure !== undefined)
    throw new InputError(`${run.doing} failed: ${failure} (all of it in ${path.relative(process.cwd(), log)}). ${run.mend}`);
}

/**
 * Runs pip in the given Python. pip is told to die with this process: one that lived on after a kill would write into what
 * the next setup makes anew.
 */
export function runPip(python: string, words: readonly string[], run: ToolRun): Promise<void> {
  return runTool(python, ['-c', MORTAL_PIP, ...words], run);
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
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function tellingLine(lines: readonly string[]): string | undefined {
  const told = lines.map((line) => line.trim()).filter((line) => line !== '');
  return told.filter((line) => /\berror\b/i.test(line)).at(-1) ?? told.at(-1);
}
