/** One setup at a time: a lock file that its holder keeps touching, so that one left by a killed process is not waited for. */
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, messageOf } from '../../base/errors';

const TOUCH_MS = 1_000;
const STALE_MS = 10_000;

/** Runs `work` while holding the lock at `file`; `onWait` is called once when another process holds it. */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const owner = `${process.pid} ${Date.now()} ${Math.random()}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    accessSync(path.dirname(file), constants.W_OK);
  } catch (error) {
    throw new InputError(
      `Setup has to write into this folder, and this user may not (${messageOf(error)}). Run npm run setup as its owner.`,
    );
  }
  for (let tries = 0; !take(file, owner); tries++) {
    if (tries === 0) onWait();
    await sleep(200);
    dropStale(file);
  }
  const touch = setInterval(() => utimesSync(file, new Date(), new Date()), TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    if (contentOf(file) === owner) rmSync(file, { force: true });
  }
}

function take(file: string, owner: string): boolean {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, owner);
    closeSync(handle);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a stale lock out of the way: of two processes that see it, only one can rename it. */
function dropStale(file: string): void {
  const seen = statSync(file, { throwIfNoEntry: false });
  if (!seen || Date.now() - seen.mtimeMs < STALE_MS) return;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch {
    // another process was quicker
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
