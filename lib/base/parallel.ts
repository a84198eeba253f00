/** Work on many items at once: a bounded number of calls, or of processes. */
import { availableParallelism } from 'node:os';
import workerpool from 'workerpool';
import { InputError } from './errors';
import { projectPath, typeScriptArguments } from './project';

/** The items in batches of `size`, the last one perhaps smaller. */
export function inBatches<T>(items: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/**
 * `work(item)` for every item, begun so many `ahead` of what is taken, so that memory stays the same however many there are;
 * results come in the order of the items. A failure comes in its turn and ends it.
 */
export async function* mapAhead<T, R>(items: Iterable<T>, ahead: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for (const item of items) {
    const result = work(item);
    result.catch(() => undefined); // it is told when its turn comes
    begun.push(result);
    if (begun.length > ahead) yield begun.shift() as Promise<R>;
  }
  yield* begun;
}

/** The results of `work` for every item, in order, at most `limit` at a time. After a failure nothing more is begun. */
export async function mapConcurrent<T, R>(items: Iterable<T>, limit: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for await (const result of mapAhead(items, limit - 1, work)) results.push(result);
  return results;
}

/** Fewer items are done before processes would have started. */
const FEW = 500;
/** Items of a chunk. */
export const CHUNK = 32;
/** More would cost more memory than they save time. */
const MOST_PROCESSES = 8;

type Functions = Readonly<Record<string, (...parameters: never[]) => Promise<unknown>>>;

/** Functions that a module can run in another process: it hands the same ones to `serve`. */
export interface Service<F extends Functions> {
  /** The module's path within the project. */
  readonly script: string;
  /** What goes in and out is copied from process to process. */
  readonly functions: F;
}

/**
 * `work` on all items, 32 at a time, with the service's functions: those of as many processes as there are cores, or of this
 * one where items are few (libvips's locks keep two threads of one process from decoding small images much faster than one
 * does). Results come in order, as mapAhead has them. An InputError in a process arrives as one.
 */
export async function* mapChunks<F extends Functions, T, R>(
  { script, functions }: Service<F>,
  items: readonly T[],
  work: (functions: F, chunk: readonly T[]) => Promise<R>,
): AsyncGenerator<R> {
  const processes = Math.min(availableParallelism(), MOST_PROCESSES);
  const pool = items.length < FEW ? undefined : open(script, processes);
  try {
    const remote = Object.keys(functions).map((name) => [name, (...parameters: never[]) => pool?.exec(name, parameters)]);
    const own: F = pool ? Object.fromEntries(remote) : functions;
    yield* mapAhead(inBatches(items, CHUNK), 2 * processes, (chunk) => work(own, chunk));
  } catch (error) {
    throw error instanceof Error && error.name === 'InputError' ? new InputError(error.message) : error;
  } finally {
    await pool?.terminate(true);
  }
}

/** Processes that run a module, which the caller ends. */
function open(script: string, processes: number) {
  return workerpool.pool(projectPath(...script.split('/')), {
    workerType: 'process',
    maxWorkers: processes,
    forkArgs: [script],
    forkOpts: { serialization: 'advanced', execArgv: typeScriptArguments() }, // bytes go over as bytes, not as JSON
  });
}

/**
 * The module's side: in a process that was started for it, it answers from here on; anywhere else this does nothing. Ctrl-C
 * is for the process that asked; when that ends, so does this one.
 */
export function serve({ script, functions }: Service<Functions>): void {
  if (process.argv[2] !== script) return;
  process.on('SIGINT', () => undefined);
  workerpool.worker(functions);
}
