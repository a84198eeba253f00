/** TensorFlow's library and C headers, out of the wheel that requirements-tensorflow.txt pins. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ProgressListener, ProgressUpdate } from '../../base/progress';
import { projectPath } from '../../base/project';
import { temporaryPath, tensorFlowPath } from './paths';
import { venvPython } from './python';
import { fingerprint, isStamped, writeStamp } from './stamp';
import { runPip } from './tool';

const WHEEL_MB = 259;
const LIBRARY_MB = 720;
const UNPACKED = 'lib/python/tensorflow';
/** The wheel is always the one of CPython 3.12: only its library and headers are used, and those are the same in all. */
const WHEEL = ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312', '--platform', 'manylinux_2_17_x86_64'];
const stamp = (): string => tensorFlowPath('.stamp');

/** "2.20.0", as requirements-tensorflow.txt pins it. */
export function tensorFlowVersion(): string {
  return /^tensorflow-cpu==(\S+)/m.exec(requirements())?.[1] ?? 'unknown';
}

/** What the unpacked wheel is made from; the addon built against it depends on the same. */
export function tensorFlowInputs(): string {
  return fingerprint(requirements());
}

export function hasTensorFlow(): boolean {
  return isStamped(stamp(), tensorFlowInputs());
}

/** Fetches and unpacks the wheel where it is missing; needs .venv for its pip. */
export async function ensureTensorFlow(progress: ProgressListener): Promise<void> {
  if (hasTensorFlow()) return;
  const partial = `${tensorFlowPath()}.partial`;
  rmSync(partial, { recursive: true, force: true });
  let unpacking = false;
  const watch = setInterval(() => {
    // Only pip itself knows that a part is done: until it says so, the last MB is still to come.
    if (unpacking) progress(unpackProgress(Math.min(largest('pip-target-', UNPACKED), LIBRARY_MB - 1)));
    else progress(downloadProgress(Math.min(largest('pip-unpack-'), WHEEL_MB - 1)));
  }, 300);
  try {
    const words = ['--no-cache-dir', '--no-deps', '--require-hashes', '--only-binary=:all:', '--no-compile', '--progress-bar', 'off'];
    await runPip(venvPython(), ['install', '--target', partial, ...words, ...WHEEL, '-r', file()], {
      doing: 'Installing TensorFlow',
      mend: 'Check that the Python package index can be reached and 2 GB of disk are free, then run: npm run setup',
      onLine: (line) => {
        if (!/^Installing collected/.test(line)) return;
        progress(downloadProgress(WHEEL_MB));
        unpacking = true;
      },
    });
  } finally {
    clearInterval(watch);
  }
  progress(unpackProgress(LIBRARY_MB));
  rmSync(tensorFlowPath(), { recursive: true, force: true });
  writeStamp(path.join(partial, '.stamp'), tensorFlowInputs());
  renameSync(partial, tensorFlowPath());
}

const file = (): string => projectPath('requirements-tensorflow.txt');
const requirements = (): string => readFileSync(file(), 'utf8');

const downloadProgress = (done: number): ProgressUpdate => ({ label: 'Downloading TensorFlow', done, total: WHEEL_MB, unit: 'MB' });
const unpackProgress = (done: number): ProgressUpdate => ({ label: 'Unpacking TensorFlow', done, total: LIBRARY_MB, unit: 'MB' });

/**
 * pip works in folders of its own below TMPDIR: the largest file there says how far it is, in MB. It is the wheel while that
 * comes down, and the library (most of what is in it) while that is unpacked.
 */
function largest(prefix: string, inside = ''): number {
  const folders = namesIn(temporaryPath()).filter((name) => name.startsWith(prefix));
  const files = folders.flatMap((folder) => namesIn(temporaryPath(folder, inside)).map((name) => temporaryPath(folder, inside, name)));
  return Math.floor(Math.max(0, ...files.map((name) => statSync(name, { throwIfNoEntry: false })?.size ?? 0)) / 1e6);
}

/** pip may take a folder away while it is being read. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
