/** Where the prepared parts lie, all of them inside the project's folder, and the stamps by which each says that it is finished. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectPath } from '../../base/project';

/** The Python that runs Jupyter. */
export const venvPath = (...parts: readonly string[]): string => projectPath('.venv', ...parts);

/** Downloads under way, logs, and the settings that Jupyter would otherwise keep in the home folder. */
export const cachePath = (...parts: readonly string[]): string => projectPath('.cache', ...parts);

/** Where setup's programs put their temporary files; emptied before and after. */
export const temporaryPath = (...parts: readonly string[]): string => cachePath('setup', ...parts);

/** A stamp: a small file, written last, that says a step is finished and from which inputs it was made. */
export function stampAt(file: string) {
  return {
    /** The inputs, or undefined where the step is not finished. */
    read: (): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined),
    write(inputs: string): void {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(`${file}.partial`, `${inputs}\n`);
      renameSync(`${file}.partial`, file);
    },
    remove: (): void => rmSync(file, { force: true }),
  };
}

/** A short hash over texts, for comparing what a step was made from with what it would be made from now. */
export function fingerprint(...inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input).update('\0');
  return hash.digest('hex').slice(0, 16);
}
