/**
 * Everything that `npm ci` does not bring: a Python environment with Jupyter, TensorFlow's library, and the addon built
 * against it. All of it lies inside the project's folder, and what is there already is not made again.
 */
import { existsSync, rmSync } from 'node:fs';
import { InputError, messageOf } from '../../base/errors';
import { type ProgressListener, terminalProgress } from '../../base/progress';
import { ensureAddon, hasAddon } from './addon';
import { withLock } from './lock';
import { failedLately, forgetObstacle, rememberObstacle } from './obstacle';
import { addonPath, cachePath, temporaryPath } from './paths';
import { ensureJupyter, ensureVenv, hasJupyter } from './python';
import { ensureTensorFlow } from './tensorflow';
import { hasTool } from './tool';

export type SetupNeeds = 'engine' | 'jupyter';

/**
 * Prepares the engine, or the engine and Jupyter. Idempotent: a later call only looks at a few small files. Where the native
 * engine cannot be made, the reason is kept for the engine to tell, and everything goes on without it (tried again after an
 * hour, or at once with `again`). Throws an InputError when Jupyter is needed and cannot be installed.
 */
export async function ensureSetup(needs: SetupNeeds, again = false): Promise<void> {
  const engineDone = (): boolean => hasAddon() || (!again && (failedLately() || hasForeignAddon()));
  const jupyterDone = (): boolean => needs === 'engine' || hasJupyter();
  if (engineDone() && jupyterDone()) return;
  const wait = (): void => void process.stderr.write('Another setup is under way in this folder: waiting for it.\n');
  await withLock(cachePath('setup.lock'), wait, async () => {
    const progress = terminalProgress();
    emptyTemporary();
    try {
      if (!jupyterDone()) await ensureJupyter(progress);
      if (!engineDone()) await tryNativeEngine(progress);
    } finally {
      emptyTemporary();
    }
  });
}

function emptyTemporary(): void {
  rmSync(temporaryPath(), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

async function tryNativeEngine(progress: ProgressListener): Promise<void> {
  try {
    checkPlatform();
    await ensureVenv();
    await ensureTensorFlow(progress);
    await ensureAddon();
    forgetObstacle();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    rememberObstacle(messageOf(error));
  }
}

/** An addon that someone else built, where this setup could not: it is tried as it is. */
function hasForeignAddon(): boolean {
  return !isLinuxX64() && existsSync(addonPath());
}

function checkPlatform(): void {
  if (!isLinuxX64())
    throw new InputError(`TensorFlow's library is set up on Linux x64 only, and this is ${process.platform} ${process.arch}.`);
  const missing = ['make', process.env.CXX ?? 'g++'].filter((tool) => !hasTool(tool));
  if (missing.length > 0)
    throw new InputError(`${missing.join(' and ')} not found. On Debian and Ubuntu: sudo apt-get install build-essential`);
}

function isLinuxX64(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}
