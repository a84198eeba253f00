/** `npm run doctor`: what is here, what is missing, and for each missing thing the one command that mends it. */
import { execFileSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { nativeObstacle, openEngine } from '../../base/engine';
import { messageOf } from '../../base/errors';
import { readJson } from '../../base/files';
import { projectPath, projectRoot } from '../../base/project';
import { cleanCache, readCache } from '../cache';
import { namesIn, sizeText } from '../disk';
import { findPython, hasJupyter, venvPython } from '../setup/python';
import { hasTool } from '../setup/tool';
import type { Command } from './command';
import { fetchedWeights } from './download';

const PACKAGES = ['@tensorflow/tfjs', '@tensorflow/tfjs-node', 'onnxruntime-node', 'sharp', 'tslab', 'nodeplotlib', 'glob'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];
const JUPYTER_VERSIONS =
  "from importlib.metadata import version; print(', '.join(f'{p} {version(p)}' for p in ['jupyterlab', 'nbclient', 'nbconvert']))";
const DISK_GB = 5;

export const command: Command = {
  summary: 'Prints the engine, versions, data, weights and disk found, and how to mend what is missing.',
  options: { 'clean-cache': { type: 'boolean', help: 'remove from data/cache what no run in outputs/ needs; downloads stay' } },
  needs: 'nothing',
  async run(args) {
    if (args.flag('clean-cache')) return void process.stdout.write(`Freed ${sizeText(await cleanCache())} of data/cache.\n`);
    const needed = [
      node(),
      finding('npm packages', packages(), 'npm ci'),
      await engine(),
      python(),
      finding('Jupyter', hasJupyter() && output(venvPython(), ['-c', JUPYTER_VERSIONS]), 'npm run setup'),
      finding('Bundled model', existsSync(projectPath('data', 'model', 'model.json')) && 'data/model', 'git checkout -- data/model'),
      disk(),
    ];
    const weights = fetchedWeights();
    const wanted = [
      finding('UTKFace', faces(), 'npm run download -- utkface (shows its terms first; until then faces are drawn, or give --data)'),
      finding(
        'ImageNet weights',
        weights.length > 0 && `data/weights: ${weights.join(', ')}`,
        'npm run download -- weights (until then data/model serves drawn faces; photos want --weights)',
      ),
      cache(),
      finding('Chromium', BROWSERS.find(hasTool), 'sudo apt-get install chromium (only tests of the reports use it)'),
    ];
    for (const finding of needed) tell(finding, 'MISSING');
    for (const finding of wanted) tell(finding, 'none');
    if (needed.some(({ found }) => found === undefined)) process.exitCode = 1;
  },
};

/** One line of the report. */
interface Finding {
  readonly name: string;
  readonly found?: string;
  /** Where something is missing or could be better: the command that mends it. */
  readonly mend?: string;
}

function tell({ name, found, mend }: Finding, missing: string): void {
  const words = [(found === undefined ? missing : 'ok').padEnd(7), name.padEnd(16), found, mend && `mend: ${mend}`];
  process.stdout.write(`${words.filter((word) => word !== undefined).join(' ')}\n`);
}

/** Something that is found, or else mended. */
function finding(name: string, found: string | undefined | false, mend: string): Finding {
  return found ? { name, found } : { name, mend };
}

function node(): Finding {
  const { node: version } = process.versions;
  const isNewEnough = version.localeCompare('20.15', 'en', { numeric: true }) >= 0;
  return finding('Node', isNewEnough && version, 'nvm install 22 (Node 20.15 or newer is needed)');
}

/** Undefined unless all are there. */
function packages(): string | undefined {
  const manifests = PACKAGES.map((name) => projectPath('node_modules', name, 'package.json'));
  if (!manifests.every((file) => existsSync(file))) return undefined;
  return manifests.map((file, index) => `${PACKAGES[index]} ${readJson<{ readonly version: string }>(file).version}`).join(', ');
}

async function engine(): Promise<Finding> {
  try {
    const { kind, description } = await openEngine();
    const tools = /sudo .*$/.exec(nativeObstacle() ?? '');
    const mend = kind === 'native' ? undefined : `${tools ? `${tools[0]} && ` : ''}npm run setup`;
    return { name: 'Engine', found: description, mend };
  } catch {
    return { name: 'Engine', mend: 'npm run setup' };
  }
}

function python(): Finding {
  try {
    const name = findPython();
    return { name: 'Python', found: `${name}, ${output(name, ['--version'])}` };
  } catch (error) {
    return { name: 'Python', mend: messageOf(error).replace(/^.*: (?=sudo)/, '') };
  }
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(projectRoot());
  const free = `${sizeText(bavail * bsize)} free`;
  const mend = `npm run doctor -- --clean-cache, or rm -r outputs/<old run> (${free}, ${DISK_GB} GB are needed)`;
  return finding('Disk', bavail * bsize >= DISK_GB * 1e9 && free, mend);
}

function faces(): string {
  const own = namesIn(projectPath('data', 'UTKFace')).length;
  const archives = namesIn(projectPath('data', 'cache')).filter((name) => /\.(?:tar\.gz|tgz|zip)$/i.test(name));
  return [...(own > 0 ? [`${own} files in data/UTKFace`] : []), ...archives.map((name) => `--data data/cache/${name}`)].join(', ');
}

function cache(): Finding {
  const entries = readCache();
  const total = (some: typeof entries) => sizeText(some.reduce((sum, { bytes }) => sum + bytes, 0));
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const found = kinds.map((kind) => `${kind} ${total(entries.filter((entry) => entry.kind === kind))}`).join(', ') || 'data/cache is empty';
  const idle = entries.filter((entry) => entry.idle);
  return { name: 'Cache', found, mend: idle.length > 0 ? `npm run doctor -- --clean-cache (${total(idle)} that no run needs)` : undefined };
}

function output(program: string, words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8' }).trim();
}
