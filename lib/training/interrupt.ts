/**
 * Ctrl-C, a notebook's stop button and a polite kill as a request: the training under way finishes its step and saves
 * before it ends. A second one ends it at once.
 */

import { InterruptedError } from '../base/errors';
import { insideNotebook, type ProgressListener } from '../base/progress';
import type { Run } from '../run/run';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/** A terminal sends Ctrl-C to every program in front, and npm passes it on once more: what comes so soon is the same one. */
const ECHO_MS = 700;

/**
 * Does `work` with an AbortSignal that the first of these signals aborts. Meanwhile whoever else listens to them (the
 * notebook's kernel, which would end the cell before anything is saved) gets the second only; without others, the second
 * ends the process with 130.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const others = SIGNALS.map((name) => [name, process.listeners(name)] as const);
  let askedMs = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      askedMs = performance.now();
      controller.abort();
    } else if (performance.now() - askedMs > ECHO_MS) {
      const listeners = others.find(([other]) => other === name)?.[1] ?? [];
      for (const listener of listeners) listener(name);
      if (listeners.length === 0) process.exit(130);
    }
  };
  for (const [name, listeners] of others) {
    for (const listener of listeners) process.removeListener(name, listener);
    process.on(name, onSignal);
  }
  try {
    return await work(controller.signal);
  } finally {
    for (const [name, listeners] of others) {
      process.removeListener(name, onSignal);
      for (const listener of listeners) process.on(name, listener);
    }
  }
}

/** Throws an InterruptedError, which says where it stands and how to go on, once the signal is aborted. */
export function throwIfStopped(signal: AbortSignal | undefined, run: Run, where: string): void {
  if (signal?.aborted) throw new InterruptedError(`Stopped ${where}. All of it is saved. ${howToGoOn(run)}`);
}

/** For work before the first step, which loses nothing when it ends anywhere: progress that stops it. */
export function stoppableProgress(onProgress: ProgressListener | undefined, signal: AbortSignal | undefined, run: Run): ProgressListener {
  return (update) => {
    onProgress?.(update);
    throwIfStopped(signal, run, `before the next step of training (${update.label})`);
  };
}

/** "To go on: npm run train -- --run evening", or what to do in a notebook. */
export function howToGoOn(run: Run): string {
  return insideNotebook() ? 'To go on, run this cell again.' : `To go on: npm run train -- --run ${run.name}`;
}
