/** One HTTP request of a download: asks for what is still missing and appends it to the `.part` file. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { InputError, messageOf } from '../../base/errors';
import type { ProgressListener } from '../../base/progress';

export interface DownloadOptions {
  readonly url: string;
  /** Where the file shall be. */
  readonly file: string;
  /** SHA-256 of the whole file in hex, where it is known. */
  readonly sha256?: string;
  /** Length of the whole file, where it is known. */
  readonly bytes?: number;
  /** Further proof that this is the right file: is given the complete `.part` file, and throws if it is not. */
  readonly verify?: (part: string) => Promise<void>;
  readonly onProgress?: ProgressListener;
  /** A connection that sends nothing for so long is given up; 30 s. */
  readonly stallMs?: number;
  /** The wait before the second attempt, doubled for every further one; 1 s. */
  readonly backoffMs?: number;
  /** Attempts in a row that bring no new byte, before giving up; 6. */
  readonly attempts?: number;
}

/** The attempt failed in a way that another one may not. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  constructor(
    message: string,
    /** Whether what has arrived is still good for going on. */
    readonly keepsPart: boolean = true,
  ) {
    super(message);
  }
}

/**
 * Appends to `part`, which holds `offset` bytes, whatever the server has beyond them; one that ignores the Range starts the
 * file anew. Returns once the file is whole as far as its length tells. Throws an Interruption where another attempt may help,
 * an InputError where none will, and the file system's own errors.
 */
export async function fetchRest(options: DownloadOptions, part: string, offset: number): Promise<void> {
  const { url, stallMs = 30_000, bytes } = options;
  if (offset > 0 && offset === bytes) return;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), stallMs);
  // The signal given to fetch may be collected as garbage once the headers are here, and a stalled body then waits for ever
  // (seen on Node 22): so every wait is also held against a promise of our own.
  const stalled = new Promise<never>((_, reject) => stall.signal.addEventListener('abort', () => reject(stall.signal.reason)));
  stalled.catch(() => undefined);
  /** The network's failures, as opposed to the disk's. */
  const interrupted = (error: unknown): never => {
    throw new Interruption(stall.signal.aborted ? `nothing came for ${stallMs / 1000} s` : `the connection failed (${causeOf(error)})`);
  };
  try {
    const headers = { 'accept-encoding': 'identity', ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) };
    const response = await Promise.race([fetch(url, { headers, signal: stall.signal }), stalled]).catch(interrupted);
    if (response.status === 416 && offset > 0) return requireEnd(response, offset);
    requireSuccess(response, url);
    const start = response.status === 206 ? startOf(response) : 0;
    if (start !== 0 && start !== offset) throw new Interruption(`asked for byte ${offset}, got byte ${start}`, false);
    const length = response.headers.get('content-length');
    const total = bytes ?? (length === null ? undefined : start + Number(length));
    const reader = response.body?.getReader();
    const output = await open(part, start === 0 ? 'w' : 'a');
    try {
      await copy(
        options,
        async () => {
          timer.refresh();
          return (await Promise.race([reader?.read(), stalled]).catch(interrupted))?.value;
        },
        output,
        start,
        total,
      );
    } catch (error) {
      if (!(error instanceof Interruption)) await rm(part, { force: true });
      throw error;
    } finally {
      await output.close();
      void reader?.cancel().catch(() => undefined);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function copy(
  options: DownloadOptions,
  read: () => Promise<Uint8Array | undefined>,
  output: FileHandle,
  start: number,
  total: number | undefined,
): Promise<void> {
  const { url, file, bytes, onProgress } = options;
  const label = `Downloading ${path.basename(file)}`;
  let done = start;
  for (let chunk = await read(); chunk; chunk = await read()) {
    done += chunk.length;
    if (bytes !== undefined && done > bytes) {
      throw new InputError(`${url}: longer than the ${bytes} bytes expected. The file there is another one; not kept.`);
    }
    await output.appendFile(chunk);
    onProgress?.({ label, done: done / 1e6, total: Math.max(done, total ?? done) / 1e6, unit: 'MB' });
  }
  if (total !== undefined && done < total) throw new Interruption(`the connection ended after ${done} of ${total} bytes`);
}

/** "Range not satisfiable": either nothing is missing, or what has arrived is not the start of this file. */
function requireEnd(response: Response, offset: number): void {
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (Number(total) !== offset) throw new Interruption(`the server has ${total ?? 'fewer'} bytes, ${offset} have arrived`, false);
}

function requireSuccess(response: Response, url: string): void {
  if (response.status === 200 || response.status === 206) return;
  const answer = `the server answers ${response.status} ${response.statusText}`.trim();
  if (response.status === 429 || response.status >= 500) throw new Interruption(answer);
  throw new InputError(`${url}: ${answer}. Look whether the address still holds the file, or fetch the file by other means.`);
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1);
}

/** fetch says only "fetch failed"; what failed is in its cause. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
