/** TensorFlow's library and C headers, out of the wheel that requirements-tensorflow.txt pins. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ProgressListener } from '../progress';
import { projectPath } from '../project';
import { cachePath, tensorFlowPath } from './paths';
import { venvPython } from './python';
import { fingerprint, isStamped, writeStamp } from './stamp';
import { runTool } from './tool';

const WHEEL_MB = 259;
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
  const watch = setInterval(() => {
    const done = downloadedMb();
    if (done > 0) progress({ label: 'Downloading TensorFlow', done: Math.min(done, WHEEL_MB), total: WHEEL_MB, unit: 'MB' });
  }, 300);
  try {
    const words = ['--no-cache-dir', '--no-deps', '--require-hashes', '--only-binary=:all:', '--no-compile', '--progress-bar', 'off'];
    await runTool(venvPython(), ['-m', 'pip', 'install', '--target', partial, ...words, ...WHEEL, '-r', file()], {
      doing: 'Installing TensorFlow',
      mend: 'Check that the Python package index can be reached and 2 GB of disk are free, then run: npm run setup',
      onLine: (line) => {
        if (!/^Installing collected/.test(line)) return;
        clearInterval(watch);
        progress({ label: 'Unpacking TensorFlow', done: 0, total: 1, unit: 'wheels' });
      },
    });
  } finally {
    clearInterval(watch);
  }
  rmSync(tensorFlowPath(), { recursive: true, force: true });
  writeStamp(path.join(partial, '.stamp'), tensorFlowInputs());
  renameSync(partial, tensorFlowPath());
  progress({ label: 'Unpacking TensorFlow', done: 1, total: 1, unit: 'wheels' });
}

const file = (): string => projectPath('requirements-tensorflow.txt');
const requirements = (): string => readFileSync(file(), 'utf8');

/** pip writes the wheel into a folder of its own below TMPDIR: its size there is how far the download is. */
function downloadedMb(): number {
  const folders = readdirSync(cachePath('tmp')).filter((name) => name.startsWith('pip-unpack-'));
  const wheels = folders.flatMap((folder) => namesIn(cachePath('tmp', folder)).map((name) => cachePath('tmp', folder, name)));
  const bytes = wheels.map((wheel) => statSync(wheel, { throwIfNoEntry: false })?.size ?? 0);
  return Math.floor(Math.max(0, ...bytes) / 1e6);
}

/** pip may take the folder away while it is being read. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
