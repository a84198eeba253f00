/** Runs notebooks without a browser: the same kernel and cells as in JupyterLab, with progress on the way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { InputError, InterruptedError } from '../base/errors';
import { projectPath, projectRoot } from '../base/project';
import { shownPath } from './paths';
import { jupyterEnvironment, venvPython } from './setup/python';

export interface NotebookRun {
  /** Added to the kernel's environment: the settings that the notebook reads. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called as code cell `cell` of `cells` starts, counted from 1. */
  readonly onCell?: (cell: number, cells: number) => void;
  /** Called with each line of progress that the notebook shows. */
  readonly onProgress?: (line: string) => void;
  /** Once aborted, the cell is stopped as Jupyter's stop button does it, and no other follows. */
  readonly signal?: AbortSignal;
}

/** One line of execute.py's output. */
interface NotebookEvent {
  readonly cell?: number;
  readonly cells?: number;
  readonly progress?: string;
  readonly error?: { readonly cell: number; readonly name: string; readonly message: string };
}

/**
 * Executes a notebook, by absolute paths, from its first cell to its last and writes the executed copy to `output`, of a failed
 * one what was executed so far. Throws an InputError that names the notebook, the cell and the error's own text; an InterruptedError
 * where it was stopped.
 */
export async function executeNotebook(notebook: string, output: string, options: NotebookRun): Promise<void> {
  mkdirSync(path.dirname(output), { recursive: true });
  let failure: NotebookEvent['error'];
  const complaint = await runPython('execute.py', [notebook, output], {
    ...options,
    onLine(line) {
      const event: NotebookEvent = JSON.parse(line);
      if (event.cell !== undefined) options.onCell?.(event.cell, event.cells ?? 0);
      if (event.progress !== undefined) options.onProgress?.(event.progress);
      failure ??= event.error;
    },
  });
  const name = shownPath(notebook);
  if (options.signal?.aborted) throw new InterruptedError(`Stopped in ${name}.`);
  if (failure) {
    const oneLine = failure.message.trim().replace(/\s*\n\s*/g, ' / ');
    throw new InputError(`${name} failed in cell ${failure.cell}: ${failure.name}: ${oneLine} (all of it in ${shownPath(output)})`);
  }
  if (complaint !== undefined) throw new InputError(`${name} could not be run: ${complaint}. npm run doctor tells what is missing.`);
}

interface PythonRun {
  readonly environment?: Readonly<Record<string, string>>;
  /** All of its stdin; without it, stdin is closed only when this process ends. */
  readonly input?: string;
  readonly onLine?: (line: string) => void;
  /** Once aborted, the program gets a SIGINT. */
  readonly signal?: AbortSignal;
}

/** Runs a program of notebooks/kernel in Jupyter's Python. Answers undefined or, where it failed, the last line of its complaints. */
export async function runPython(program: string, words: readonly string[], run: PythonRun): Promise<string | undefined> {
  const child = spawn(venvPython(), [projectPath('notebooks', 'kernel', program), ...words], {
    cwd: projectRoot(),
    env: { ...jupyterEnvironment(), ...run.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: run.signal !== undefined, // a terminal sends Ctrl-C to the whole group in front: it is to hear of it from here, and once
  });
  const stop = () => child.kill('SIGINT');
  if (run.signal?.aborted) stop();
  run.signal?.addEventListener('abort', stop);
  child.stdin.on('error', () => undefined); // it ended early; its exit code and last words tell why
  if (run.input !== undefined) child.stdin.end(run.input);
  const complaints: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => run.onLine?.(line));
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  const [code] = await once(child, 'close');
  run.signal?.removeEventListener('abort', stop);
  return code === 0 ? undefined : (complaints.filter((line) => line.trim() !== '').at(-1) ?? `exit ${code}`);
}
