/** Work on many items at once: a bounded number of calls, or of processes. */
import { availableParallelism } from 'node:os';
import workerpool from 'workerpool';
import { InputError } from './errors';
import { projectPath, typeScriptArguments } from './project';

/**
 * `work(item)` for every item, at most `limit` at a time; results come in the order of the items. The first failure
 * rejects and starts nothing more.
 */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const queue = (function* () {
    yield* items.entries();
  })(); // shared; a worker that fails closes it for all
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
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
  service: Service<F>,
  items: readonly T[],
  work: (functions: F, chunk: readonly T[], first: number) => Promise<R>,
): AsyncGenerator<R> {
  const processes = Math.min(availableParallelism(), MOST_PROCESSES);
  const starts = Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) => index * CHUNK);
  const { functions, close } = items.length < FEW ? { functions: service.functions, close: undefined } : open(service, processes);
  try {
    yield* mapAhead(starts, 2 * processes, (first) => work(functions, items.slice(first, first + CHUNK), first));
  } finally {
    await close?.();
  }
}

/** As mapChunks, where nobody needs the results. */
export async function eachChunk<F extends Functions, T>(...parameters: Parameters<typeof mapChunks<F, T, void>>): Promise<void> {
  for await (const _ of mapChunks(...parameters));
}

/** The service's functions in processes of their own, which the caller closes. */
function open<F extends Functions>({ script, functions }: Service<F>, processes: number) {
  const pool = workerpool.pool(projectPath(...script.split('/')), {
    workerType: 'process',
    maxWorkers: processes,
    forkArgs: [script],
    forkOpts: { serialization: 'advanced', execArgv: typeScriptArguments() }, // bytes go over as bytes, not as JSON
  });
  const call = async (name: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await pool.exec(name, [...parameters]);
    } catch (error) {
      throw error instanceof Error && error.name === 'InputError' ? new InputError(error.message) : error;
    }
  };
  const remote = Object.keys(functions).map((name) => [name, (...parameters: never[]) => call(name, parameters)]);
  return { functions: Object.fromEntries(remote) as F, close: () => pool.terminate(true) };
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
