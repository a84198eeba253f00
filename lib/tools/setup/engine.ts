/**
 * The native engine: TensorFlow's library and C headers out of the wheel that requirements-tensorflow.txt pins, and the addon of
 * @tensorflow/tfjs-node built against them (its own installer would fetch a library of 2022).
 */
import * as fs from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import { writeFileAtomically } from '../../base/files';
import type { ProgressListener } from '../../base/progress';
import { projectPath } from '../../base/project';
import { bytesIn } from '../disk';
import { venvPath, venvPython } from './python';
import { fingerprint, hasTool, installWithPip, readStamp, runTool, temporaryPath } from './tool';

/** The wheel itself, and what is in it: pip has both on the disk when it ends. */
const WHEEL_MB = 259 + 1110;
/** The wheel is always the one of CPython 3.12: only its library and headers are used, and those are the same in all. */
const WHEEL = ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312', '--platform', 'manylinux_2_17_x86_64'];

const isLinuxX64 = (): boolean => process.platform === 'linux' && process.arch === 'x64';
const compiler = (): string => process.env.CXX ?? 'g++';
const GET_COMPILER = 'On Debian and Ubuntu: sudo apt-get install g++';

const requirements = (): string => projectPath('requirements-tensorflow.txt');
const requirementsText = (): string => fs.readFileSync(requirements(), 'utf8');
const tensorFlowPath = (...parts: readonly string[]): string => venvPath('tensorflow', ...parts);
/** The package whose addon is built against that wheel. */
const packagePath = (...parts: readonly string[]): string => projectPath('node_modules', '@tensorflow', 'tfjs-node', ...parts);
const logLevelHeader = (): string => projectPath('lib', 'tools', 'setup', 'log-level.h');
/** Its folder is named after version 8 of Node-API, which every Node since 15 offers. */
const addonFolder = (): string => packagePath('lib', 'napi-v8');
const tensorFlowStamp = (): string => tensorFlowPath('.stamp');
const addonStamp = (): string => path.join(addonFolder(), '.stamp');

/** Whether the addon is built against the pinned TensorFlow and that is still there; whoever built it, on machines where we cannot. */
export function hasAddon(): boolean {
  if (!fs.existsSync(path.join(addonFolder(), 'tfjs_binding.node'))) return false;
  if (!isLinuxX64()) return true;
  return readStamp(addonStamp()) === addonInputs() && fs.existsSync(tensorFlowPath('tensorflow', 'libtensorflow_cc.so.2'));
}

/** Throws an InputError, which says what to install, where the native engine cannot be made. */
export function checkPlatform(): void {
  if (!isLinuxX64())
    throw new InputError(`TensorFlow's library is set up on Linux x64 only, and this is ${process.platform} ${process.arch}.`);
  if (!hasTool(compiler())) throw new InputError(`${compiler()} not found. ${GET_COMPILER}`);
}

/** Fetches and unpacks the wheel where it is missing; needs .venv for its pip. */
export async function ensureTensorFlow(onProgress: ProgressListener): Promise<void> {
  const inputs = fingerprint(requirementsText());
  if (readStamp(tensorFlowStamp()) === inputs) return;
  const partial = startAnew(tensorFlowPath());
  const tell = (done: number) => onProgress({ label: 'Installing TensorFlow', done, total: WHEEL_MB, unit: 'MB' });
  // pip tells of nothing while it fetches and unpacks one large wheel, but what it has so far lies in the temporary folder
  const watch = setInterval(() => tell(Math.min(Math.floor(bytesIn(temporaryPath()) / 1e6), WHEEL_MB - 1)), 1000);
  const words = ['--target', partial, '--no-compile', '--progress-bar', 'off', ...WHEEL];
  await installWithPip(venvPython(), requirements(), { what: 'TensorFlow', words }).finally(() => clearInterval(watch));
  tell(WHEEL_MB);
  await finish(tensorFlowPath(), inputs);
}

/** Compiles the addon where it is missing; needs the unpacked wheel and a C++ compiler. */
export async function ensureAddon(): Promise<void> {
  if (hasAddon()) return;
  process.stderr.write('Building the TensorFlow addon\n');
  const partial = startAnew(addonFolder());
  fs.mkdirSync(partial, { recursive: true });
  const wheel = tensorFlowPath('tensorflow');
  const words = [
    ...['-shared', '-fPIC', '-O3', '-DNDEBUG', '-DNAPI_VERSION=8', '-std=gnu++17', '-include', logLevelHeader()],
    ...[path.join(wheel, 'include'), projectPath('node_modules', 'node-api-headers', 'include')].map((folder) => `-I${folder}`),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => packagePath('binding', name)),
    ...['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) => path.join(wheel, name)),
    `-Wl,-rpath,$ORIGIN/${path.relative(addonFolder(), wheel)}`, // seen from the addon: the project's folder may be moved
    ...['-o', path.join(partial, 'tfjs_binding.node')],
  ];
  await runTool(compiler(), words, { doing: 'Building the TensorFlow addon', mend: GET_COMPILER });
  await finish(addonFolder(), addonInputs());
}

/** An empty place beside a folder, where it is made anew. */
function startAnew(folder: string): string {
  fs.rmSync(`${folder}.partial`, { recursive: true, force: true });
  return `${folder}.partial`;
}

/** Stamps what was made there with what it was made from, and puts it in the folder's place. */
async function finish(folder: string, inputs: string): Promise<void> {
  await writeFileAtomically(path.join(`${folder}.partial`, '.stamp'), `${inputs}\n`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(`${folder}.partial`, folder);
}

/** Node-API is stable across Node versions, so the addon need not be built anew when Node changes. */
function addonInputs(): string {
  return fingerprint(requirementsText(), process.platform, process.arch, fs.readFileSync(logLevelHeader(), 'utf8'));
}
