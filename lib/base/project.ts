import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The project's folder: the nearest one above the working directory whose package.json is ours. Not the one that these files
 * lie in: a test works in a copy of the project with this code, and a project that was moved works where it is now.
 */
export function projectRoot(): string {
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'faces-course') return folder;
    if (folder === path.dirname(folder)) throw new Error(`No faces-course project at or above ${process.cwd()}: start from its folder.`);
  }
}

/** An absolute path inside the project. */
export function projectPath(...parts: readonly string[]): string {
  return path.join(projectRoot(), ...parts);
}

/** Where setup keeps, in one line, why this machine has no native engine, for the engine to tell; no such file where nothing failed. */
export function obstacleFile(): string {
  return projectPath('.cache', 'native-engine-obstacle');
}

/** What Node must be started with so that a worker or process can run one of the project's TypeScript files. */
export function typeScriptArguments(): string[] {
  return ['--require', createRequire(projectPath('package.json')).resolve('tsx/cjs')];
}
