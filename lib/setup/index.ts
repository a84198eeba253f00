/**
 * Everything that `npm ci` does not bring: a Python environment with Jupyter, TensorFlow's library, and the addon built
 * against it. All of it lies inside the project's folder, and what is there already is not made again.
 */
import { terminalProgress } from '../progress';
import { ensureAddon, hasAddon } from './addon';
import { ensureJupyter, ensureVenv, hasJupyter } from './python';
import { ensureTensorFlow } from './tensorflow';

export type SetupNeeds = 'engine' | 'jupyter';

/** Prepares the engine, or the engine and Jupyter. Idempotent; a later call only looks at a few small files. */
export async function ensureSetup(needs: SetupNeeds): Promise<void> {
  if (hasAddon() && (needs === 'engine' || hasJupyter())) return;
  const progress = terminalProgress();
  if (needs === 'jupyter') await ensureJupyter(progress);
  await ensureVenv(progress);
  await ensureTensorFlow(progress);
  await ensureAddon(progress);
}
