/** Stamps: a small file, written last, that says a step is finished and from which inputs it was made. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A short hash over texts, for comparing what a step was made from with what it would be made from now. */
export function fingerprint(...inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Whether the step that wrote this stamp is finished and was made from the same inputs. */
export function isStamped(stamp: string, inputs: string): boolean {
  return readStamp(stamp) === inputs;
}

/** The stamp's content, or undefined where there is none. */
export function readStamp(stamp: string): string | undefined {
  try {
    return readFileSync(stamp, 'utf8').trim();
  } catch {
    return undefined;
  }
}

export function writeStamp(stamp: string, inputs: string): void {
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(`${stamp}.partial`, `${inputs}\n`);
  renameSync(`${stamp}.partial`, stamp);
}

export function removeStamp(stamp: string): void {
  rmSync(stamp, { force: true });
}
