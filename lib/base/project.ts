import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The project's folder: the nearest one above the working directory whose package.json is ours.
 * (`__dirname` would not do: notebooks run compiled copies of these modules.)
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

/** What a person typed as a path, as an absolute one: taken from the folder of the shell that called npm, not from the project's. */
export function callerPath(typed: string): string {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), typed);
}

/** A path as the caller reads it: short where it lies below their folder. */
export function shownPath(file: string): string {
  const relative = path.relative(callerPath('.'), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

/** What Node must be started with so that a worker or process can run one of the project's TypeScript files. */
export function typeScriptArguments(): string[] {
  return ['--require', createRequire(projectPath('package.json')).resolve('tsx/cjs')];
}
