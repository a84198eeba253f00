/** Runs notebooks without a browser: the same kernel and cells as in JupyterLab, with progress on the way. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { InputError, InterruptedError } from '../base/errors';
import { projectPath, projectRoot, shownPath } from '../base/project';
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
  readonly state?: 'start' | 'end';
  readonly progress?: string;
  readonly error?: { readonly cell: number; readonly name: string; readonly message: string };
}

/**
 * Executes a notebook from its first cell to its last and writes the executed copy to `output`, of a failed one what was
 * executed so far. Throws an InputError that names the notebook, the cell and the error's own text; an InterruptedError
 * where it was stopped.
 */
export async function executeNotebook(notebook: string, output: string, options: NotebookRun): Promise<void> {
  mkdirSync(path.dirname(path.resolve(output)), { recursive: true });
  const runner = projectPath('notebooks', 'kernel', 'execute.py');
  const child = spawn(venvPython(), [runner, path.resolve(notebook), path.resolve(output)], {
    cwd: projectRoot(),
    env: { ...jupyterEnvironment(), ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // a terminal sends Ctrl-C to the whole group in front: the runner is to hear of it from here, and once
  });
  const stop = () => child.kill('SIGINT');
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop);
  let failure: NotebookEvent['error'];
  const complaints: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event: NotebookEvent = JSON.parse(line);
    if (event.state === 'start') options.onCell?.(event.cell ?? 0, event.cells ?? 0);
    if (event.progress !== undefined) options.onProgress?.(event.progress);
    failure ??= event.error;
  });
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  options.signal?.removeEventListener('abort', stop);
  const name = shownPath(path.resolve(notebook));
  if (options.signal?.aborted) throw new InterruptedError(`Stopped in ${name}.`);
  const kept = shownPath(path.resolve(output));
  if (failure)
    throw new InputError(`${name} failed in cell ${failure.cell}: ${failure.name}: ${oneLine(failure.message)} (all of it in ${kept})`);
  if (code !== 0) throw new InputError(`${name} could not be run: ${complaints.filter((line) => line.trim()).at(-1) ?? `exit ${code}`}`);
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' / ');
}
