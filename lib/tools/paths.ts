/** Paths between a person's shell and the project: npm runs its commands in the project's folder, wherever it was called. */
import path from 'node:path';

/** What a person typed as a path, as an absolute one: taken from the folder of the shell that called npm, not from the project's. */
export function callerPath(typed: string): string {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), typed);
}

/** A path as the caller reads it: short where it lies below their folder. */
export function shownPath(file: string): string {
  const relative = path.relative(callerPath('.'), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}
