/**
 * Ctrl-C, a notebook's stop button, a polite kill and a terminal that is closed, as a request: the training under way
 * finishes its step and saves before it ends. A second one ends it at once.
 */
import { InterruptedError } from '../base/errors';
import type { ProgressListener } from '../base/progress';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A terminal sends Ctrl-C to every program in front, and npm passes it on once more: what comes so soon is the same one. */
const ECHO_MS = 700;

/**
 * Does `work` with an AbortSignal that the first of these signals aborts. Meanwhile whoever else listens to them (the
 * notebook's kernel, which would end the cell before anything is saved) gets the second only; without others, the second
 * ends the process with 130. The InterruptedError that `work` then throws gets `howToGoOn`, a sentence, behind its own.
 */
export async function interruptible<T>(howToGoOn: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
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
  } catch (error) {
    throw error instanceof InterruptedError ? new InterruptedError(`${error.message} ${howToGoOn}`) : error;
  } finally {
    for (const [name, listeners] of others) {
      process.removeListener(name, onSignal);
      for (const listener of listeners) process.on(name, listener);
    }
  }
}

/** Throws an InterruptedError, which says where it stands, once the signal is aborted. */
export function throwIfStopped(signal: AbortSignal | undefined, where: string): void {
  if (signal?.aborted) throw new InterruptedError(`Stopped ${where}. All of it is saved.`);
}

/** For work before the first step, which loses nothing when it ends anywhere: progress that stops it. */
export function stoppableProgress(onProgress: ProgressListener | undefined, signal: AbortSignal | undefined): ProgressListener {
  return (update) => {
    onProgress?.(update);
    throwIfStopped(signal, `before the next step of training (${update.label})`);
  };
}
