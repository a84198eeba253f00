/**
 * The native engine: TensorFlow's library and C headers out of the wheel that requirements-tensorflow.txt pins, and the addon of
 * @tensorflow/tfjs-node built against them (its own installer would fetch a library of 2022).
 */
import * as fs from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import type { ProgressListener } from '../../base/progress';
import { projectPath } from '../../base/project';
import { bytesIn } from '../disk';
import { venvPath, venvPython } from './python';
import { cachePath, fingerprint, hasTool, installWithPip, runTool, stampAt, temporaryPath } from './tool';

/** The wheel itself, and what is in it: pip has both on the disk when it ends. */
const WHEEL_MB = 259 + 1110;
/** The wheel is always the one of CPython 3.12: only its library and headers are used, and those are the same in all. */
const WHEEL = ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312', '--platform', 'manylinux_2_17_x86_64'];

const requirements = (): string => projectPath('requirements-tensorflow.txt');
const requirementsText = (): string => fs.readFileSync(requirements(), 'utf8');
const tensorFlowPath = (...parts: readonly string[]): string => venvPath('tensorflow', ...parts);
/** The package whose addon is built against that wheel. */
const packagePath = (...parts: readonly string[]): string => projectPath('node_modules', '@tensorflow', 'tfjs-node', ...parts);
/** Its folder is named after version 8 of Node-API, which every Node since 15 offers. */
const addonFolder = (): string => packagePath('lib', 'napi-v8');
const tensorFlowStamp = () => stampAt(tensorFlowPath('.stamp'));
const addonStamp = () => stampAt(path.join(addonFolder(), '.stamp'));

/** "2.20.0", as requirements-tensorflow.txt pins it. */
export function tensorFlowVersion(): string {
  return /^tensorflow-cpu==(\S+)/m.exec(requirementsText())?.[1] ?? 'unknown';
}

/** Whether the addon is built against the pinned TensorFlow and that is still there; whoever built it, on machines where we cannot. */
export function hasAddon(): boolean {
  if (!fs.existsSync(path.join(addonFolder(), 'tfjs_binding.node'))) return false;
  return !isLinuxX64() || (addonStamp().read() === addonInputs() && fs.existsSync(packagePath('deps', 'lib', 'libtensorflow.so')));
}

/** Throws an InputError, which says what to install, where the native engine cannot be made. */
export function checkPlatform(): void {
  if (!isLinuxX64())
    throw new InputError(`TensorFlow's library is set up on Linux x64 only, and this is ${process.platform} ${process.arch}.`);
  const missing = ['make', process.env.CXX ?? 'g++'].filter((tool) => !hasTool(tool));
  if (missing.length > 0)
    throw new InputError(`${missing.join(' and ')} not found. On Debian and Ubuntu: sudo apt-get install build-essential`);
}

function isLinuxX64(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/** Fetches and unpacks the wheel where it is missing; needs .venv for its pip. */
export async function ensureTensorFlow(onProgress: ProgressListener): Promise<void> {
  const inputs = fingerprint(requirementsText());
  if (tensorFlowStamp().read() === inputs) return;
  const partial = startAnew(tensorFlowPath());
  const tell = (done: number) => onProgress({ label: 'Installing TensorFlow', done, total: WHEEL_MB, unit: 'MB' });
  // pip tells of nothing while it fetches and unpacks one large wheel, but what it has so far lies in the temporary folder
  const watch = setInterval(() => tell(Math.min(Math.floor(bytesIn(temporaryPath()) / 1e6), WHEEL_MB - 1)), 1000);
  const words = ['--target', partial, '--no-compile', '--progress-bar', 'off', ...WHEEL];
  await installWithPip(venvPython(), requirements(), { what: 'TensorFlow', words }).finally(() => clearInterval(watch));
  tell(WHEEL_MB);
  finish(tensorFlowPath(), inputs);
}

/** Builds the addon where it is missing; needs the unpacked wheel, make and a C++ compiler. */
export async function ensureAddon(): Promise<void> {
  if (hasAddon()) return;
  process.stderr.write('Building the TensorFlow addon\n');
  linkTensorFlow();
  const partial = startAnew(addonFolder());
  const words = [
    'rebuild',
    `--nodedir=${nodeHeaders()}`,
    `--devdir=${cachePath('node-gyp')}`,
    `--python=${venvPython()}`,
    `--module=${path.join(partial, 'tfjs_binding.node')}`,
    '--module_name=tfjs_binding',
    `--module_path=${partial}`,
    `--napi_version=${process.versions.napi}`,
    '--napi_build_version=8',
  ];
  await runTool(process.execPath, [projectPath('node_modules', 'node-gyp', 'bin', 'node-gyp.js'), ...words], {
    doing: 'Building the TensorFlow addon',
    mend: 'On Debian and Ubuntu its tools come with: sudo apt-get install build-essential',
    cwd: packagePath(),
  });
  finish(addonFolder(), addonInputs());
  fs.rmSync(packagePath('build'), { recursive: true, force: true });
}

/** An empty place beside a folder, where it is made anew. */
function startAnew(folder: string): string {
  fs.rmSync(`${folder}.partial`, { recursive: true, force: true });
  return `${folder}.partial`;
}

/** Stamps what was made there with what it was made from, and puts it in the folder's place. */
function finish(folder: string, inputs: string): void {
  stampAt(path.join(`${folder}.partial`, '.stamp')).write(inputs);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(`${folder}.partial`, folder);
}

/** Node-API is stable across Node versions, so the addon need not be built anew when Node changes. */
function addonInputs(): string {
  return fingerprint(fingerprint(requirementsText()), process.platform, process.arch);
}

/** deps/ as the package expects it, all links: the library has 720 MB, and one copy of it is enough. */
function linkTensorFlow(): void {
  const wheel = tensorFlowPath('tensorflow');
  const links: readonly (readonly [string, string])[] = [
    ['include', path.join(wheel, 'include')],
    ['lib/libtensorflow_cc.so.2', path.join(wheel, 'libtensorflow_cc.so.2')],
    ['lib/libtensorflow_framework.so.2', path.join(wheel, 'libtensorflow_framework.so.2')],
    ['lib/libtensorflow.so', 'libtensorflow_cc.so.2'],
    ['lib/libtensorflow.so.2', 'libtensorflow_cc.so.2'],
    ['lib/libtensorflow.so.2.9.1', 'libtensorflow_cc.so.2'],
    ['lib/libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
  ];
  fs.rmSync(packagePath('deps'), { recursive: true, force: true });
  fs.mkdirSync(packagePath('deps', 'lib'), { recursive: true });
  for (const [link, target] of links) {
    const from = packagePath('deps', link);
    fs.symlinkSync(path.isAbsolute(target) ? path.relative(path.dirname(from), target) : target, from);
  }
}

/** What node-gyp reads beside the headers; Node's own file only adds choices for building Node itself. */
const COMMON_GYPI = `{
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': { 'Release': { 'defines': ['NDEBUG'], 'cflags': ['-O3'] } },
    'cflags': ['-fPIC', '-pthread'],
    'cflags_cc': ['-std=gnu++17', '-fno-rtti', '-fno-exceptions'],
    'ldflags': ['-pthread', '-rdynamic'],
  },
}
`;

/** A folder with include/node for node-gyp's --nodedir: of the headers that came with this Node, else of npm's node-api-headers. */
export function nodeHeaders(executable: string = process.execPath): string {
  const own = path.dirname(path.dirname(executable));
  if (['node_api.h', 'common.gypi'].every((name) => fs.existsSync(path.join(own, 'include', 'node', name)))) return own;
  const made = cachePath('node-headers');
  const include = path.join(made, 'include', 'node');
  fs.cpSync(projectPath('node_modules', 'node-api-headers', 'include'), include, { recursive: true });
  fs.writeFileSync(path.join(include, 'common.gypi'), COMMON_GYPI);
  fs.writeFileSync(path.join(include, 'config.gypi'), JSON.stringify({ target_defaults: {}, variables: {} }));
  return made;
}
