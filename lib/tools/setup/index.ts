/**
 * Everything that `npm ci` does not bring: a Python environment with Jupyter, TensorFlow's library, and the addon built
 * against it. All of it lies inside the project's folder, and what is there already is not made again.
 */
import { accessSync, constants, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, messageOf } from '../../base/errors';
import { writeFileAtomically } from '../../base/files';
import { holdLock } from '../../base/lock';
import { type ProgressListener, terminalProgress } from '../../base/progress';
import { obstacleFile } from '../../base/project';
import { checkPlatform, ensureAddon, ensureTensorFlow, hasAddon } from './engine';
import { ensureJupyter, ensureVenv, hasJupyter } from './python';
import { cachePath, temporaryPath } from './tool';

/** How long a native engine that could not be made is not tried again. */
const RETRY_MS = 3_600_000;

/**
 * Prepares the engine, or the engine and Jupyter. Idempotent: a later call only looks at a few small files. Where the native
 * engine cannot be made, the reason is kept for the engine to tell, and everything goes on without it (tried again after an
 * hour, or at once with `again`). Throws an InputError when Jupyter is needed and cannot be installed.
 */
export async function ensureSetup(needs: 'engine' | 'jupyter', again = false): Promise<void> {
  const engineDone = (): boolean => hasAddon() || (!again && failedLately());
  const jupyterDone = (): boolean => needs === 'engine' || hasJupyter();
  if (engineDone() && jupyterDone()) return;
  await setUpAlone(async () => {
    const onProgress = terminalProgress();
    if (!jupyterDone()) await ensureJupyter(onProgress);
    if (!engineDone()) await tryNativeEngine(onProgress);
  });
}

/** Does `work` while no other setup is at work in this folder, with an empty temporary folder before and after. */
export async function setUpAlone(work: () => Promise<void>): Promise<void> {
  try {
    mkdirSync(cachePath(), { recursive: true });
    accessSync(cachePath(), constants.W_OK);
  } catch (error) {
    throw new InputError(
      `Setup has to write into this folder, and this user may not (${messageOf(error)}). Run npm run setup as its owner.`,
    );
  }
  const take = () => holdLock(realpathSync(cachePath()));
  let lock = await take();
  if ('holder' in lock) process.stderr.write('Another setup is under way in this folder: waiting for it.\n');
  for (; 'holder' in lock; lock = await take()) await sleep(200);
  try {
    emptyTemporary();
    await work();
  } finally {
    emptyTemporary();
    await lock.release();
  }
}

function emptyTemporary(): void {
  rmSync(temporaryPath(), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

async function tryNativeEngine(onProgress: ProgressListener): Promise<void> {
  try {
    checkPlatform();
    await ensureVenv();
    await ensureTensorFlow(onProgress);
    await ensureAddon();
    rmSync(obstacleFile(), { force: true });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await writeFileAtomically(obstacleFile(), `${error.message}\n`);
  }
}

/** Whether an attempt at the native engine failed within the last hour. */
function failedLately(): boolean {
  const seen = statSync(obstacleFile(), { throwIfNoEntry: false });
  return seen !== undefined && Date.now() - seen.mtimeMs < RETRY_MS;
}
