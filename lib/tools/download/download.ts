/**
 * Downloads that survive a bad line: what has arrived waits in a `.part` file and the rest is asked for from there, also
 * after the program was ended; the file gets its name only once it is whole and proved to be the right one.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../base/errors';
import { explained } from '../../base/files';
import { type DownloadOptions, fetchRest, Interruption } from './request';

/**
 * Fetches `url` into `file`, unless it is there already with the right checksum. Throws an InputError naming the URL or the
 * file when the server refuses, keeps failing, or serves other bytes than expected, and when the disk is full.
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { url, file, sha256, verify } = options;
  const part = `${file}.part`;
  if (sha256 !== undefined && (await sizeOf(file)) > 0 && (await hashFile(file)) === sha256) return;
  const resumed = (await sizeOf(part)) > 0;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await fetchAll(options, part);
    const actual = sha256 === undefined ? undefined : await hashFile(part);
    if (actual !== sha256) {
      await rm(part, { force: true });
      // What was left of an earlier download may have been at fault: once more, from the start.
      if (resumed) return await downloadFile(options);
      throw new InputError(
        `${url}: SHA-256 ${actual}, expected ${sha256}. The file there is another one, or was altered on the way; not kept.`,
      );
    }
    await verify?.(part).catch(async (error: unknown) => {
      await rm(part, { force: true });
      throw error;
    });
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

/** SHA-256 of a file in hex. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
