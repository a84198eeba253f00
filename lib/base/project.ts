import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The project's folder: the nearest one above the working directory whose package.json is ours.
 * (`__dirname` would not do: notebooks run compiled copies of these modules.)
 */
export function projectRoot(from: string = process.cwd()): string {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'faces-course') return folder;
    if (folder === path.dirname(folder)) throw new Error(`No faces-course project at or above ${from}: start from its folder.`);
  }
}

/** An absolute path inside the project. */
export function projectPath(...parts: readonly string[]): string {
  return path.join(projectRoot(), ...parts);
}

/** What a person typed as a path, as an absolute one: taken from the folder of the shell that called npm, not from the project's. */
export function callerPath(typed: string): string {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), typed);
}

/** What Node must be started with so that a worker or process can run one of the project's TypeScript files. */
export function typeScriptArguments(): string[] {
  return ['--require', createRequire(projectPath('package.json')).resolve('tsx/cjs')];
}
