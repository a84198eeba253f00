/**
 * Keras, for comparing with: a Python environment of its own in .venv-keras, from the hash-locked requirements-keras.txt,
 * on the same TensorFlow as ours. Nothing of the course needs it but the benchmark and the full tests.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../lib/base/errors';
import type { ProgressListener } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { setUpAlone } from '../../lib/tools/setup';
import { installWithPip, runTool } from '../../lib/tools/setup/tool';

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
  const python = fittingPython();
  rmSync(projectPath('.venv-keras'), { recursive: true, force: true });
  await runTool(python, ['-m', 'venv', projectPath('.venv-keras')], {
    doing: 'Making .venv-keras',
    mend: 'Free some disk, then run the same command again.',
  });
  await installWithPip(kerasPython(), requirementsPath(), { what: 'Keras', onProgress });
  writeFileSync(stampPath(), readFileSync(requirementsPath()));
}

/** TensorFlow 2.20 has wheels for these versions only. */
function fittingPython(): string {
  const script = 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, 14))';
  const names = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  const found = names.find((name) => {
    try {
      execFileSync(name, ['-c', script], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  if (found) return found;
  throw new InputError(
    'Keras needs one of Python 3.10 to 3.13, with venv, on the PATH, and none was found. On Debian and Ubuntu: sudo apt-get install python3 python3-venv',
  );
}
