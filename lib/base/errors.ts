/**
 * The one error that people are meant to read: its message names the file or value, what was expected, and what to do.
 * Commands print it as a single line and exit with 1; anything else is a defect and keeps its stack.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Somebody stopped the work and it came to a good end: what was done is saved. Commands exit with 130, as shells have it. */
export class InterruptedError extends InputError {}

/** The command was called in a way that it cannot be: an unknown option, a place that is not there. Commands exit with 2. */
export class UsageError extends InputError {}

/** The message of whatever was thrown, for errors that come from other people's code. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** "ENOENT" and its like, '' where whatever was thrown has no code. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What `work` returns; undefined where it fails, whatever the reason. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
