/**
 * Keras, for comparing with: a Python environment of its own in .venv-keras, from the hash-locked requirements-keras.txt,
 * on the same TensorFlow as ours. Nothing of the course needs it but the benchmark and the full tests.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ProgressListener } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { setUpAlone } from '../../lib/tools/setup';
import { findPython } from '../../lib/tools/setup/python';
import { installWithPip, runTool } from '../../lib/tools/setup/tool';

/** TensorFlow 2.20 has wheels for Python 3.10 to 3.13 only. */
const NEWEST_PYTHON = 13;

const requirementsPath = (): string => projectPath('requirements-keras.txt');
/** A copy of the requirements, written last: what the environment was made from. */
const stampPath = (): string => projectPath('.venv-keras', 'requirements.txt');

/** The interpreter that has Keras. */
export function kerasPython(): string {
  return projectPath('.venv-keras', 'bin', 'python');
}

/**
 * Makes the environment where it is missing, unfinished or of other versions; half a gigabyte to download.
 * @throws InputError where there is no fitting Python, or the package index cannot be reached
 */
export async function ensureKeras(onProgress: ProgressListener): Promise<void> {
  if (hasKeras()) return;
  await setUpAlone(async () => {
    if (!hasKeras()) await installKeras(onProgress);
  });
}

function hasKeras(): boolean {
  const requirements = readFileSync(requirementsPath(), 'utf8');
  try {
    return readFileSync(stampPath(), 'utf8') === requirements;
  } catch {
    return false;
  }
}

async function installKeras(onProgress: ProgressListener): Promise<void> {
  const python = findPython(NEWEST_PYTHON);
  rmSync(projectPath('.venv-keras'), { recursive: true, force: true });
  await runTool(python, ['-m', 'venv', projectPath('.venv-keras')], {
    doing: 'Making .venv-keras',
    mend: 'Free some disk, then run the same command again.',
  });
  await installWithPip(kerasPython(), requirementsPath(), { what: 'Keras', onProgress });
  writeFileSync(stampPath(), readFileSync(requirementsPath()));
}
