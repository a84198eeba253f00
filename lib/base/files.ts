/**
 * Nothing half-written: files and folders are made under a temporary name beside their place and renamed once they are
 * complete and on the disk itself, so that even a power cut leaves the old or the new. Whatever goes wrong meanwhile, the
 * temporary one is removed and what was there before stays. A full disk or a place that cannot be written to is an InputError;
 * what a callback throws otherwise comes through.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, InputError, messageOf } from './errors';
import { mapConcurrent } from './parallel';

/** A content that is too large for memory comes piece by piece. */
export async function writeFileAtomically(file: string, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  await complete(file, async (temporary) => {
    const output = await open(temporary, 'w');
    try {
      await writeFile(output, content);
      await output.sync(); // some disks say only then that they are full
    } finally {
      await output.close();
    }
  });
}

/** Makes `folder` by filling a temporary one. When another process finished the same folder first, that one stays. */
export async function makeFolderAtomically(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await complete(folder, async (temporary) => {
    await mkdir(temporary);
    await fill(temporary);
    const inside = await readdir(temporary, { recursive: true });
    await mapConcurrent([...inside, ''], SYNCS_AT_ONCE, (name) => sync(path.join(temporary, name)));
  });
}

/** A disk commits those that wait together at one go. */
const SYNCS_AT_ONCE = 32;

async function complete(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await make(temporary);
    await rename(temporary, target).catch((error: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
    });
    await sync(path.dirname(target));
  } catch (error) {
    throw explained(error, target);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // the disk may have become read-only meanwhile
  }
}

async function sync(place: string): Promise<void> {
  if (process.platform === 'win32') return; // it opens no folder
  const handle = await open(place);
  await handle.sync().finally(() => handle.close());
}

/** Removes what processes that are gone left half-written in `folder`; nothing where there is no such folder. */
export async function sweepHalfWritten(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [whole, writer] = /\.(?:(\d+)-)?[0-9a-f]{8}\.part$/.exec(name) ?? [];
    if (whole && !(writer && isRunning(Number(writer)))) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM'; // it runs, and is somebody else's
  }
}

/** Throws an InputError that names the file where it is missing or no JSON. Editors on Windows begin files with a mark, which is left out. */
export function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new InputError(`${file}: cannot be read as JSON (${messageOf(error)}).`);
  }
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space and try again',
  EDQUOT: 'the disk quota is used up: free some space and try again',
  EFBIG: 'the file would be larger than this disk or user may have: free some space or raise the limit',
  EACCES: 'no permission to write there: change the permissions or choose another place',
  EPERM: 'no permission to write there: change the permissions or choose another place',
  EROFS: 'the disk is read-only: choose another place',
};

/** The error as a person should read it: an InputError naming `target` where the disk or its permissions are to blame. */
export function explained(error: unknown, target: string): unknown {
  const reason = error instanceof InputError ? undefined : REASONS[codeOf(error)];
  return reason ? new InputError(`${target} cannot be written: ${reason} (${messageOf(error)}).`) : error;
}
