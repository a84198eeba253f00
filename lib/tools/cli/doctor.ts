/** `npm run doctor`: what is here, what is missing, and for each missing thing the one command that mends it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { nativeObstacle, openEngine } from '../../base/engine';
import { messageOf } from '../../base/errors';
import { projectPath, projectRoot } from '../../base/project';
import { cleanCache, readCache } from '../cache';
import { findPython, hasJupyter, venvPython } from '../setup/python';
import { hasTool } from '../setup/tool';
import type { Command } from './command';

const PACKAGES = ['@tensorflow/tfjs', '@tensorflow/tfjs-node', 'sharp', 'tslab', 'nodeplotlib', 'glob'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];
const DISK_GB = 5;

export const command: Command = {
  summary: 'Prints the engine, versions, data, weights and disk found, and how to mend what is missing.',
  options: { 'clean-cache': { type: 'boolean', help: 'remove from data/cache what no run in outputs/ needs; downloads stay' } },
  needs: 'nothing',
  async run(args) {
    if (args.flag('clean-cache')) return void process.stdout.write(`Freed ${sizeText(await cleanCache())} of data/cache.\n`);
    const needed = [node(), packages(), await engine(), python(), jupyter(), model(), disk()];
    const wanted = [faces(), weights(), cache(), browser()];
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
  const sign = found === undefined ? missing : 'ok';
  const words = [
    sign.padEnd(7),
    name.padEnd(16),
    ...(found === undefined ? [] : [found]),
    ...(mend === undefined ? [] : [`mend: ${mend}`]),
  ];
  process.stdout.write(`${words.join(' ')}\n`);
}

/** Something that is found, or else mended. */
function finding(name: string, found: string | undefined | false, mend: string): Finding {
  return found ? { name, found } : { name, mend };
}

function node(): Finding {
  const { node: version } = process.versions;
  const [major, minor] = version.split('.').map(Number);
  return finding('Node', (major > 20 || (major === 20 && minor >= 15)) && version, 'nvm install 22 (Node 20.15 or newer is needed)');
}

function packages(): Finding {
  const versions = PACKAGES.map((name) => [name, packageVersion(name)] as const);
  const complete = versions.every(([, version]) => version !== undefined);
  return finding('npm packages', complete && versions.map(([name, version]) => `${name} ${version}`).join(', '), 'npm ci');
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

function jupyter(): Finding {
  const script =
    "from importlib.metadata import version; print(', '.join(f'{p} {version(p)}' for p in ['jupyterlab', 'nbclient', 'nbconvert']))";
  return finding('Jupyter', hasJupyter() && output(venvPython(), ['-c', script]), 'npm run setup');
}

function model(): Finding {
  return finding('Bundled model', existsSync(projectPath('data', 'model', 'model.json')) && 'data/model', 'git checkout -- data/model');
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(projectRoot());
  const free = `${sizeText(bavail * bsize)} free`;
  const mend = `npm run doctor -- --clean-cache, or rm -r outputs/<old run> (${free}, ${DISK_GB} GB are needed)`;
  return finding('Disk', bavail * bsize >= DISK_GB * 1e9 && free, mend);
}

function faces(): Finding {
  const own = namesIn('UTKFace').length;
  const archives = namesIn('cache').filter((name) => /\.(?:tar\.gz|tgz|zip)$/i.test(name));
  const found = [...(own > 0 ? [`${own} files in data/UTKFace`] : []), ...archives.map((name) => `--data data/cache/${name}`)];
  const mend = 'npm run download -- utkface --accept-terms (its terms: without the last word; until then faces are drawn, or give --data)';
  return finding('UTKFace', found.join(', '), mend);
}

function weights(): Finding {
  const found = namesIn('weights').filter((name) => !name.endsWith('.part'));
  const mend = 'npm run download -- weights (until then drawn faces start from data/model, and photos want --weights)';
  return finding('ImageNet weights', found.length > 0 && `data/weights: ${found.join(', ')}`, mend);
}

function cache(): Finding {
  const entries = readCache();
  const total = (some: typeof entries) => sizeText(some.reduce((sum, { bytes }) => sum + bytes, 0));
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const found = kinds.map((kind) => `${kind} ${total(entries.filter((entry) => entry.kind === kind))}`).join(', ') || 'data/cache is empty';
  const idle = entries.filter((entry) => entry.idle);
  return { name: 'Cache', found, mend: idle.length > 0 ? `npm run doctor -- --clean-cache (${total(idle)} that no run needs)` : undefined };
}

function browser(): Finding {
  return finding('Chromium', BROWSERS.find(hasTool), 'sudo apt-get install chromium (only tests of the reports use it)');
}

/** "2.3 GB", "41 MB". */
function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
}

function packageVersion(name: string): string | undefined {
  try {
    const { version }: { readonly version: string } = JSON.parse(readFileSync(projectPath('node_modules', name, 'package.json'), 'utf8'));
    return version;
  } catch {
    return undefined;
  }
}

function output(program: string, words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8' }).trim();
}

function namesIn(folder: string): readonly string[] {
  return existsSync(projectPath('data', folder)) ? readdirSync(projectPath('data', folder)) : [];
}
