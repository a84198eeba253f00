/** The project's own Python: a virtual environment in .venv, and Jupyter in it from the hash-locked requirements. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import type { ProgressListener } from '../../base/progress';
import { projectPath } from '../../base/project';
import { temporaryPath, venvPath } from './paths';
import { fingerprint, isStamped, readStamp, removeStamp, writeStamp } from './stamp';
import { runPip, runTool } from './tool';

const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const MEND = 'Install it, on Debian and Ubuntu with: sudo apt-get install python3 python3-venv';
const ONLINE = 'Check that the Python package index can be reached, then run: npm run setup';
const venvStamp = (): string => venvPath('stamps', 'venv');
const jupyterStamp = (): string => venvPath('stamps', 'jupyter');
const jupyterStarted = (): string => venvPath('stamps', 'jupyter-started');

/** The virtual environment's own interpreter. */
export function venvPython(): string {
  return venvPath('bin', 'python');
}

/** Whether .venv exists, finished, with an interpreter that is still there. */
export function hasVenv(): boolean {
  return readStamp(venvStamp()) !== undefined && existsSync(venvPython());
}

/** Whether Jupyter is installed just as requirements.txt says. */
export function hasJupyter(): boolean {
  return hasVenv() && isStamped(jupyterStamp(), jupyterInputs());
}

/** Makes .venv where it is missing. Throws an InputError that says how to get Python when there is none. */
export async function ensureVenv(): Promise<void> {
  if (hasVenv()) return;
  const python = findPython();
  process.stderr.write('Making the Python environment\n');
  clearVenv();
  await runTool(python, ['-m', 'venv', venvPath()], { doing: 'Making .venv', mend: MEND });
  writeStamp(venvStamp(), python);
}

/** Installs Jupyter into .venv; an installation that was cut short or is of other versions is made anew. */
export async function ensureJupyter(progress: ProgressListener): Promise<void> {
  if (hasJupyter()) return;
  const touched = readStamp(jupyterStamp()) !== undefined || readStamp(jupyterStarted()) !== undefined;
  if (touched) clearVenv();
  await ensureVenv();
  writeStamp(jupyterStarted(), jupyterInputs());
  const requirements = readFileSync(projectPath('requirements.txt'), 'utf8');
  const report = { label: 'Installing Jupyter', total: (requirements.match(/^[\w-]+==/gm) ?? []).length, unit: 'packages' };
  let done = 0;
  const words = [
    'install',
    '--no-cache-dir',
    '--require-hashes',
    '--only-binary=:all:',
    '--no-deps',
    '-r',
    projectPath('requirements.txt'),
  ];
  await runPip(venvPython(), words, {
    doing: 'Installing Jupyter',
    mend: ONLINE,
    onLine: (line) => {
      if (line.startsWith('Installing collected')) progress({ ...report, done: report.total - 1, detail: 'unpacking' });
      if (/^(Collecting|Ignoring) /.test(line) && done < report.total - 1)
        progress({ ...report, done: ++done, detail: line.split(' ')[1].replace(/:$/, '') });
    },
  });
  writeStamp(jupyterStamp(), jupyterInputs());
  removeStamp(jupyterStarted());
  progress({ ...report, done: report.total });
}

/** The first Python on the PATH that is 3.10 or newer and can make virtual environments. */
export function findPython(): string {
  const seen: string[] = [];
  for (const name of NAMES) {
    try {
      const script = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
      const version = execFileSync(name, ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
      const [major, minor] = version.split('.').map(Number);
      if (major === 3 && minor >= 10) return name;
      seen.push(`${name} is ${version}`);
    } catch (error) {
      if (error instanceof Error && /No module named/.test(error.message)) seen.push(`${name} lacks venv`);
    }
  }
  throw new InputError(`Python 3.10 or newer with venv is needed, found ${seen.join(', ') || 'no python3 on the PATH'}. ${MEND}`);
}

function jupyterInputs(): string {
  return fingerprint(readFileSync(projectPath('requirements.txt'), 'utf8'));
}

/** Takes away everything in .venv but the unpacked TensorFlow, which any Python can use. */
function clearVenv(): void {
  removeStamp(jupyterStamp());
  removeStamp(venvStamp());
  if (!existsSync(venvPath())) return;
  // Moved away first: what a killed setup still has running may write on for a moment, but no longer into .venv.
  const trash = temporaryPath(`old-venv-${Date.now()}`);
  mkdirSync(trash, { recursive: true });
  for (const name of readdirSync(venvPath())) {
    if (name !== 'stamps' && !name.startsWith('tensorflow')) renameSync(venvPath(name), path.join(trash, name));
  }
  removeStamp(jupyterStarted());
}
