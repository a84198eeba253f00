/**
 * Nothing half-written: files and folders are made under a temporary name beside their place and renamed once complete.
 * Whatever goes wrong meanwhile, the temporary one is removed and what was there before stays.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError, messageOf } from './errors';

/** @throws InputError when the disk is full or the place cannot be written to */
export async function writeFileAtomically(file: string, content: string | Uint8Array): Promise<void> {
  await complete(file, (temporary) => writeFile(temporary, content, { flush: true })); // some disks say only then that they are full
}

/**
 * Writes a file too large for memory, piece by piece.
 * @throws InputError when the disk is full or the place cannot be written to; whatever `write` throws otherwise
 */
export async function streamFileAtomically(file: string, write: (output: FileHandle) => Promise<void>): Promise<void> {
  await complete(file, async (temporary) => {
    const output = await open(temporary, 'w');
    try {
      await write(output);
    } finally {
      await output.close();
    }
  });
}

/**
 * Makes `folder` by filling a temporary one. When another process finished the same folder first, that one stays: callers
 * name folders after their content.
 * @throws InputError when the disk is full or the place cannot be written to; whatever `fill` throws otherwise
 */
export async function makeFolderAtomically(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await complete(folder, async (temporary) => {
    await mkdir(temporary);
    await fill(temporary);
  });
}

async function complete(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await make(temporary);
    await rename(temporary, target).catch((error: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
    });
  } catch (error) {
    throw explained(error, target);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // the disk may have become read-only meanwhile
  }
}

/**
 * Removes what a process that was killed left half-written in `folder`; nothing where there is no such folder. In a folder
 * that several processes write to, `untouchedMs` spares what somebody is still at.
 */
export async function sweepHalfWritten(folder: string, untouchedMs = 0): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => /\.[0-9a-f]{8}\.part$/.test(name)).map((name) => path.join(folder, name));
  await Promise.all(
    left.map(async (file) => {
      const { mtimeMs } = await stat(file);
      if (Date.now() - mtimeMs >= untouchedMs) await rm(file, { recursive: true, force: true });
    }),
  );
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
