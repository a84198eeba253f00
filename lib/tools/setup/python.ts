/** The project's own Python: a virtual environment in .venv, and Jupyter in it from the hash-locked requirements. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import { readJson, writeFileAtomically, writeJson } from '../../base/files';
import type { ProgressListener } from '../../base/progress';
import { projectPath } from '../../base/project';
import { cachePath, fingerprint, installWithPip, readStamp, runTool } from './tool';

const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const MEND = 'Install it, on Debian and Ubuntu with: sudo apt-get install python3 python3-venv';
const venvStamp = () => venvPath('stamps', 'venv');
const jupyterStamp = () => venvPath('stamps', 'jupyter');
const requirements = () => projectPath('requirements.txt');
const jupyterInputs = () => fingerprint(readFileSync(requirements(), 'utf8'));

/** A place in the virtual environment, which also holds the unpacked TensorFlow. */
export function venvPath(...parts: readonly string[]): string {
  return projectPath('.venv', ...parts);
}

/** The virtual environment's own interpreter. */
export function venvPython(): string {
  return venvPath('bin', 'python');
}

/** Whether Jupyter is installed just as requirements.txt says, with the course's kernel where editors look for it. */
export function hasJupyter(): boolean {
  return isInstalled() && hasKernel();
}

function isInstalled(): boolean {
  return hasVenv() && readStamp(jupyterStamp()) === jupyterInputs();
}

const kernelFile = () => venvPath('share', 'jupyter', 'kernels', 'tslab', 'kernel.json');
const launcher = () => projectPath('notebooks', 'kernel', 'kernels', 'tslab', 'launch.cjs');

function hasKernel(): boolean {
  const [node, launch] = existsSync(kernelFile()) ? readJson<{ argv: string[] }>(kernelFile()).argv : [];
  return existsSync(node ?? '') && launch === launcher();
}

/** Editors start kernels of .venv without the environment below: this one has its programs by their paths. */
async function writeKernel(): Promise<void> {
  const spec = readJson<object>(path.join(path.dirname(launcher()), 'kernel.json'));
  await writeJson(kernelFile(), { ...spec, argv: [process.execPath, launcher(), '{connection_file}'] });
}

/** Whether .venv exists, finished, with an interpreter that is still there. */
function hasVenv(): boolean {
  return readStamp(venvStamp()) !== undefined && existsSync(venvPython());
}

/** Makes .venv where it is missing. Throws an InputError that says how to get Python when there is none. */
export async function ensureVenv(): Promise<void> {
  if (hasVenv()) return;
  const python = findPython();
  process.stderr.write('Making the Python environment\n');
  clearVenv();
  await runTool(python, ['-m', 'venv', venvPath()], { doing: 'Making .venv', mend: MEND });
  await writeFileAtomically(venvStamp(), `${python}\n`);
}

/** Installs Jupyter into a new .venv, unless it is there: what an earlier one holds was cut short, or is of other versions. */
export async function ensureJupyter(onProgress: ProgressListener): Promise<void> {
  if (!isInstalled()) {
    clearVenv();
    await ensureVenv();
    await installWithPip(venvPython(), requirements(), { what: 'Jupyter', onProgress });
    await writeFileAtomically(jupyterStamp(), `${jupyterInputs()}\n`);
  }
  await writeKernel();
}

/** The first Python on the PATH that is 3.10 or newer, and no newer than 3.`newest`, and can make virtual environments. */
export function findPython(newest = Number.POSITIVE_INFINITY): string {
  const seen: string[] = [];
  for (const name of NAMES) {
    try {
      const script = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
      const version = execFileSync(name, ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
      const [major, minor] = version.split('.').map(Number);
      if (major === 3 && minor >= 10 && minor <= newest) return name;
      seen.push(`${name} is ${version}`);
    } catch (error) {
      if (error instanceof Error && /No module named/.test(error.message)) seen.push(`${name} lacks venv`);
    }
  }
  const versions = Number.isFinite(newest) ? `to 3.${newest}` : 'or newer';
  throw new InputError(`Python 3.10 ${versions} with venv is needed, found ${seen.join(', ') || 'no python3 on the PATH'}. ${MEND}`);
}

/** Takes away everything in .venv but the unpacked TensorFlow, which any Python can use; the stamps first, in case it is cut short. */
function clearVenv(): void {
  const others = existsSync(venvPath()) ? readdirSync(venvPath()).filter((name) => !name.startsWith('tensorflow')) : [];
  for (const name of ['stamps', ...others]) rmSync(venvPath(name), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/**
 * This process's environment, in which Jupyter finds the course's kernel and keeps everything it writes inside the project;
 * kernels run on the Node that runs this.
 */
export function jupyterEnvironment(): Readonly<Record<string, string | undefined>> {
  mkdirSync(cachePath('tmp'), { recursive: true });
  return {
    ...process.env,
    PATH: [path.dirname(process.execPath), venvPath('bin'), process.env.PATH].join(path.delimiter),
    JUPYTER_PATH: projectPath('notebooks', 'kernel'),
    JUPYTER_CONFIG_PATH: projectPath('notebooks', 'kernel'), // its labconfig answers whether JupyterLab may fetch news: no
    JUPYTER_CONFIG_DIR: cachePath('jupyter', 'config'),
    JUPYTER_DATA_DIR: cachePath('jupyter', 'data'),
    JUPYTER_RUNTIME_DIR: cachePath('jupyter', 'runtime'),
    JUPYTERLAB_SETTINGS_DIR: cachePath('jupyter', 'lab', 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: cachePath('jupyter', 'lab', 'workspaces'),
    IPYTHONDIR: cachePath('ipython'),
    TMPDIR: cachePath('tmp'),
  };
}
