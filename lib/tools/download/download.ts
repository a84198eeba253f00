/**
 * Downloads that survive a bad line: what has arrived waits in a `.part` file and the rest is asked for from there, also
 * after the program was ended; the file gets its name only once it is whole and proved to be the right one.
 */
import { hash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, messageOf } from '../../base/errors';
import { explained } from '../../base/files';
import type { ProgressListener } from '../../base/progress';

export interface DownloadOptions {
  readonly url: string;
  /** Where the file shall be. */
  readonly file: string;
  /** SHA-256 of the whole file in hex, where it is known. */
  readonly sha256?: string;
  /** Length of the whole file. */
  readonly bytes: number;
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

const NOT_KEPT = 'The file there is another one, or was altered on the way, and is not kept: try again, or fetch it by other means.';

/**
 * Fetches `url` into `file`, in place of what may be there. Throws an InputError naming the URL or the file when the server
 * refuses, keeps failing, or serves other bytes than expected, and when the disk is full.
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { url, file, sha256, verify } = options;
  const part = `${file}.part`;
  const resumed = (await sizeOf(part)) > 0;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await fetchAll(options, part);
    const actual = sha256 === undefined ? undefined : hash('sha256', await readFile(part));
    if (actual !== sha256) {
      await rm(part, { force: true });
      // What was left of an earlier download may have been at fault: once more, from the start.
      if (resumed) return await downloadFile(options);
      throw new InputError(`${url}: SHA-256 ${actual}, expected ${sha256}. ${NOT_KEPT}`);
    }
    await verify?.(part).catch((error: unknown) => rm(part, { force: true }).then(() => Promise.reject(error)));
    await rename(part, file);
  } catch (error) {
    throw explained(error, file);
  }
}

/** Attempts until the whole file lies in `part`; only attempts in a row that bring nothing new are counted. */
async function fetchAll(options: DownloadOptions, part: string): Promise<void> {
  const { url, attempts = 6, backoffMs = 1000 } = options;
  let farthest = await sizeOf(part);
  for (let failures = 0; ; ) {
    const offset = await sizeOf(part);
    try {
      return await fetchRest(options, part, offset);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      if (!error.keepsPart) await rm(part, { force: true });
      const size = await sizeOf(part);
      failures = size > farthest ? 1 : failures + 1;
      farthest = Math.max(farthest, size);
      if (failures >= attempts) {
        const kept = size > 0 ? ` ${(size / 1e6).toFixed(1)} MB have arrived and are kept: the same command goes on from there.` : '';
        throw new InputError(`${url}: ${error.message}, ${failures} times in a row.${kept} Look at the connection and try again.`);
      }
      await sleep(backoffMs * 2 ** (failures - 1));
    }
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** The attempt failed in a way that another one may not; what has arrived is good for going on unless `keepsPart` is false. */
class Interruption extends Error {
  constructor(
    message: string,
    readonly keepsPart = true,
  ) {
    super(message);
  }
}

/**
 * Appends to `part`, which holds `offset` bytes, whatever the server has beyond them; one that ignores the Range starts the
 * file anew. Returns once the file is as long as it shall be, or as the server has it. Throws an Interruption where another
 * attempt may help, an InputError where none will, and the file system's own errors.
 */
async function fetchRest(options: DownloadOptions, part: string, offset: number): Promise<void> {
  const { url, file, bytes, stallMs = 30_000, onProgress } = options;
  if (offset === bytes) return;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), stallMs);
  // The signal given to fetch may be collected as garbage once the headers are here, and a stalled body then waits for ever
  // (seen on Node 22): so every wait is also held against a promise of our own.
  const stalled = new Promise<never>((_, reject) => stall.signal.addEventListener('abort', () => reject(stall.signal.reason)));
  stalled.catch(() => undefined);
  /** What the network does, in time; its failures are told from the disk's. */
  const inTime = <T>(work: Promise<T>): Promise<T> => {
    timer.refresh();
    return Promise.race([work, stalled]).catch((error: Error) => {
      const cause = messageOf(error.cause ?? error); // fetch itself says only "fetch failed"
      throw new Interruption(stall.signal.aborted ? `nothing came for ${stallMs / 1000} s` : `the connection failed (${cause})`);
    });
  };
  try {
    const headers = { 'accept-encoding': 'identity', ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) };
    const response = await inTime(fetch(url, { headers, signal: stall.signal }));
    if (response.status === 416 && offset > 0) return requireEnd(response, offset);
    requireSuccess(response, url);
    const start = response.status === 206 ? Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1) : 0;
    if (start !== 0 && start !== offset) throw new Interruption(`asked for byte ${offset}, got byte ${start}`, false);
    const reader = response.body?.getReader();
    const output = await open(part, start === 0 ? 'w' : 'a');
    try {
      let done = start;
      const read = async () => (reader ? (await inTime(reader.read())).value : undefined);
      for (let chunk = await read(); chunk; chunk = await read()) {
        done += chunk.length;
        if (done > bytes) throw new InputError(`${url}: longer than the ${bytes} bytes expected. ${NOT_KEPT}`);
        await output.appendFile(chunk);
        onProgress?.({ label: `Downloading ${path.basename(file)}`, done: done / 1e6, total: bytes / 1e6, unit: 'MB' });
      }
      await output.sync(); // a power cut must not leave holes below what a later attempt appends
      if (done < bytes) throw new Interruption(`the connection ended after ${done} of ${bytes} bytes`);
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
