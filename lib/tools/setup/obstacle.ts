/** Why there is no native engine here, kept in a file, so that the engine can say it and setup does not try again at every command. */
import { readFileSync, statSync } from 'node:fs';
import { cachePath } from './paths';
import { removeStamp, writeStamp } from './stamp';

const RETRY_MS = 3_600_000;
const file = (): string => cachePath('native-engine-obstacle');

/** What the last attempt at the native engine failed with, one line; undefined when none did. */
export function nativeObstacle(): string | undefined {
  try {
    return readFileSync(file(), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Whether an attempt failed within the last hour. */
export function failedLately(): boolean {
  const seen = statSync(file(), { throwIfNoEntry: false });
  return seen !== undefined && Date.now() - seen.mtimeMs < RETRY_MS;
}

export const rememberObstacle = (obstacle: string): void => writeStamp(file(), obstacle);

export const forgetObstacle = (): void => removeStamp(file());
