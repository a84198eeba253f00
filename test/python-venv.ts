/**
 * Python packages for comparing with, each kind in an environment of its own: .venv-keras from the hash-locked requirements-keras.txt,
 * and so on. Nothing of the course needs them but the benchmark and the full tests.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ProgressListener } from '../lib/base/progress';
import { projectPath } from '../lib/base/project';
import { setUpAlone } from '../lib/tools/setup';
import { findPython } from '../lib/tools/setup/python';
import { installWithPip, runTool } from '../lib/tools/setup/tool';

/** TensorFlow 2.20 has wheels for Python 3.10 to 3.13 only; what is locked beside it, at least for these. */
const NEWEST_PYTHON = 13;

const folderOf = (kind: string): string => projectPath(`.venv-${kind}`);
const requirementsOf = (kind: string): string => projectPath(`requirements-${kind}.txt`);
/** A copy of the requirements, written last: what the environment was made from. */
const stampOf = (kind: string): string => projectPath(`.venv-${kind}`, 'requirements.txt');

/** The interpreter that has what requirements-`kind`.txt lists, once `ensurePythonWith` has made it. */
export function pythonWith(kind: string): string {
  return projectPath(`.venv-${kind}`, 'bin', 'python');
}

/**
 * Makes the environment where it is missing, unfinished or of other versions; for "keras" half a gigabyte to download.
 * @returns its interpreter
 * @throws InputError where there is no fitting Python, or the package index cannot be reached
 */
export async function ensurePythonWith(kind: string, onProgress: ProgressListener): Promise<string> {
  if (!isMade(kind)) {
    await setUpAlone(async () => {
      if (!isMade(kind)) await makeVenv(kind, onProgress);
    });
  }
  return pythonWith(kind);
}

function isMade(kind: string): boolean {
  const requirements = readFileSync(requirementsOf(kind), 'utf8');
  try {
    return readFileSync(stampOf(kind), 'utf8') === requirements;
  } catch {
    return false;
  }
}

async function makeVenv(kind: string, onProgress: ProgressListener): Promise<void> {
  const python = findPython(NEWEST_PYTHON);
  rmSync(folderOf(kind), { recursive: true, force: true });
  await runTool(python, ['-m', 'venv', folderOf(kind)], {
    doing: `Making .venv-${kind}`,
    mend: 'Free some disk, then run the same command again.',
  });
  await installWithPip(pythonWith(kind), requirementsOf(kind), { what: `requirements-${kind}.txt`, onProgress });
  writeFileSync(stampOf(kind), readFileSync(requirementsOf(kind)));
}
