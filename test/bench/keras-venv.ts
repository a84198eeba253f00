/**
 * Keras, for comparing with: a Python environment of its own in .venv-keras, from the hash-locked requirements-keras.txt,
 * on the same TensorFlow as ours. Nothing of the course needs it but the benchmark and the full tests.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../lib/base/errors';
import type { ProgressListener } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { withLock } from '../../lib/tools/setup/lock';
import { cachePath, temporaryPath } from '../../lib/tools/setup/paths';
import { runPip, runTool } from '../../lib/tools/setup/tool';

const MEND = 'Check that the Python package index can be reached and 3 GB of disk are free, then run the same command again.';
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
  const wait = (): void => void process.stderr.write('Another setup is under way in this folder: waiting for it.\n');
  await withLock(cachePath('setup.lock'), wait, async () => {
    if (!hasKeras()) await installKeras(onProgress).finally(() => rmSync(temporaryPath(), { recursive: true, force: true }));
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
  const requirements = readFileSync(requirementsPath(), 'utf8');
  const report = { label: 'Installing Keras', total: (requirements.match(/^[\w-]+==/gm) ?? []).length, unit: 'packages' };
  let done = 0;
  onProgress({ ...report, done });
  rmSync(projectPath('.venv-keras'), { recursive: true, force: true });
  await runTool(python, ['-m', 'venv', projectPath('.venv-keras')], { doing: 'Making .venv-keras', mend: MEND });
  const words = ['install', '--no-cache-dir', '--require-hashes', '--only-binary=:all:', '--no-deps', '-r', requirementsPath()];
  await runPip(kerasPython(), words, {
    doing: 'Installing Keras',
    mend: MEND,
    onLine: (line) => {
      if (line.startsWith('Installing collected')) onProgress({ ...report, done: report.total - 1, detail: 'unpacking' });
      if (/^(Collecting|Ignoring) /.test(line) && done < report.total - 1)
        onProgress({ ...report, done: ++done, detail: line.split(' ')[1].replace(/:$/, '') });
    },
  });
  writeFileSync(stampPath(), requirements);
  onProgress({ ...report, done: report.total });
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
