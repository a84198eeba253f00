/** The native addon of @tensorflow/tfjs-node, built against the TensorFlow that pip unpacked (its own installer would fetch a 2022 one). */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { projectPath } from '../../base/project';
import { nodeHeaders } from './headers';
import { addonPackagePath, addonPath, cachePath, tensorFlowPath } from './paths';
import { venvPython } from './python';
import { fingerprint, isStamped, writeStamp } from './stamp';
import { tensorFlowInputs } from './tensorflow';
import { runTool } from './tool';

const stamp = (): string => path.join(path.dirname(addonPath()), '.stamp');

/** Whether the addon is built against the pinned TensorFlow and that is still there. */
export function hasAddon(): boolean {
  return isStamped(stamp(), inputs()) && existsSync(addonPath()) && existsSync(addonPackagePath('deps', 'lib', 'libtensorflow.so'));
}

/** Builds the addon where it is missing; needs the unpacked wheel, make and a C++ compiler. */
export async function ensureAddon(): Promise<void> {
  if (hasAddon()) return;
  process.stderr.write('Building the TensorFlow addon\n');
  linkTensorFlow();
  const folder = path.dirname(addonPath());
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
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
    cwd: addonPackagePath(),
  });
  writeStamp(path.join(partial, '.stamp'), inputs());
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  rmSync(addonPackagePath('build'), { recursive: true, force: true });
}

/** Node-API is stable across Node versions, so the addon need not be built anew when Node changes. */
function inputs(): string {
  return fingerprint(tensorFlowInputs(), process.platform, process.arch);
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
  rmSync(addonPackagePath('deps'), { recursive: true, force: true });
  mkdirSync(addonPackagePath('deps', 'lib'), { recursive: true });
  for (const [link, target] of links) {
    const from = addonPackagePath('deps', link);
    symlinkSync(path.isAbsolute(target) ? path.relative(path.dirname(from), target) : target, from);
  }
}
