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

/** One line of the report. */
interface Finding {
  readonly name: string;
  readonly found?: string;
  /** Where something is missing or could be better: the command that mends it. */
  readonly mend?: string;
  /** Whether the course cannot go on without it. */
  readonly needed: boolean;
}

const PACKAGES = ['@tensorflow/tfjs', '@tensorflow/tfjs-node', 'sharp', 'tslab', 'nodeplotlib', 'glob'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];
const DISK_GB = 5;
const UNTIL_DATA = 'its terms are shown without the last word; until then faces are drawn, or give --data';
const UNTIL_WEIGHTS = 'until then drawn faces start from data/model, and real ones want --weights';

export const command: Command = {
  summary: 'Prints the engine, versions, data, weights and disk found, and how to mend what is missing.',
  options: { 'clean-cache': { type: 'boolean', help: 'remove from data/cache what no run in outputs/ needs; downloads stay' } },
  needs: 'nothing',
  async run(args) {
    if (args.flag('clean-cache')) return void process.stdout.write(`Freed ${sizeText(await cleanCache())} of data/cache.\n`);
    const findings = [node(), packages(), await engine(), python(), jupyter(), data(), weights(), model(), cache(), browser(), disk()];
    for (const { name, found, mend, needed } of findings) {
      const sign = found === undefined ? (needed ? 'MISSING' : 'none') : 'ok';
      process.stdout.write(
        `${sign.padEnd(8)}${name.padEnd(17)}${found ?? ''}${mend === undefined ? '' : `${found === undefined ? '' : '  '}mend: ${mend}`}\n`,
      );
    }
    if (findings.some(({ found, needed }) => needed && found === undefined)) process.exitCode = 1;
  },
};

function node(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 15);
  return {
    name: 'Node',
    needed: true,
    ...(enough ? { found: process.versions.node } : { mend: 'nvm install 22 (Node 20.15 or newer is needed)' }),
  };
}

function packages(): Finding {
  const versions = PACKAGES.map((name) => [name, packageVersion(name)] as const);
  const complete = versions.every(([, version]) => version !== undefined);
  const found = versions.map(([name, version]) => `${name} ${version}`).join(', ');
  return { name: 'npm packages', needed: true, ...(complete ? { found } : { mend: 'npm ci' }) };
}

async function engine(): Promise<Finding> {
  try {
    const { kind, description } = await openEngine();
    const tools = /sudo .*$/.exec(nativeObstacle() ?? '');
    const mend = kind === 'native' ? undefined : `${tools ? `${tools[0]} && ` : ''}npm run setup`;
    return { name: 'Engine', needed: true, found: description, mend };
  } catch {
    return { name: 'Engine', needed: true, mend: 'npm run setup' };
  }
}

function python(): Finding {
  try {
    const name = findPython();
    return { name: 'Python', needed: true, found: `${name}, ${output(name, ['--version'])}` };
  } catch (error) {
    return { name: 'Python', needed: true, mend: messageOf(error).replace(/^.*: (?=sudo)/, '') };
  }
}

function jupyter(): Finding {
  if (!hasJupyter()) return { name: 'Jupyter', needed: true, mend: 'npm run setup' };
  const script =
    "from importlib.metadata import version; print(', '.join(f'{p} {version(p)}' for p in ['jupyterlab', 'nbclient', 'nbconvert']))";
  return { name: 'Jupyter', needed: true, found: output(venvPython(), ['-c', script]) };
}

function data(): Finding {
  const folder = projectPath('data', 'UTKFace');
  const archives = readCache().filter(({ name }) => /\.(?:tar\.gz|tgz|zip)$/i.test(name));
  const found = [
    ...(existsSync(folder) ? [`${readdirSync(folder).length} files in data/UTKFace`] : []),
    ...archives.map(({ name }) => `--data data/cache/${name}`),
  ];
  if (found.length > 0) return { name: 'UTKFace', needed: false, found: found.join(', ') };
  return { name: 'UTKFace', needed: false, mend: `npm run download -- utkface --accept-terms (${UNTIL_DATA})` };
}

function weights(): Finding {
  const folder = projectPath('data', 'weights');
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.part')) : [];
  if (found.length > 0) return { name: 'ImageNet weights', needed: false, found: `data/weights: ${found.join(', ')}` };
  return { name: 'ImageNet weights', needed: false, mend: `npm run download -- weights (${UNTIL_WEIGHTS})` };
}

function cache(): Finding {
  const entries = readCache();
  const total = (some: typeof entries) => some.reduce((sum, { bytes }) => sum + bytes, 0);
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const parts = kinds.map((kind) => `${kind} ${sizeText(total(entries.filter((entry) => entry.kind === kind)))}`);
  const idle = total(entries.filter((entry) => entry.idle));
  const mend = idle > 0 ? `npm run doctor -- --clean-cache (${sizeText(idle)} that no run needs)` : undefined;
  return { name: 'Cache', needed: false, found: parts.join(', ') || 'data/cache is empty', mend };
}

function model(): Finding {
  const complete = existsSync(projectPath('data', 'model', 'model.json'));
  return { name: 'Bundled model', needed: true, ...(complete ? { found: 'data/model' } : { mend: 'git checkout -- data/model' }) };
}

function browser(): Finding {
  const found = BROWSERS.find(hasTool);
  if (found !== undefined) return { name: 'Chromium', needed: false, found };
  return { name: 'Chromium', needed: false, mend: 'sudo apt-get install chromium (only tests of the reports use it)' };
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(projectRoot());
  const freeGb = (bavail * bsize) / 1e9;
  const found = `${sizeText(bavail * bsize)} free`;
  if (freeGb >= DISK_GB) return { name: 'Disk', needed: true, found };
  return {
    name: 'Disk',
    needed: true,
    mend: `npm run doctor -- --clean-cache, or rm -r outputs/<old run> (${found}, ${DISK_GB} GB are needed)`,
  };
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
