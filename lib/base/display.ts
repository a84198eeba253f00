/** Progress where the reader is: in the cell's output inside a notebook, on the terminal elsewhere. */
import { type ProgressListener, terminalProgress, timedProgress } from './progress';

/** Opens every progress line in a notebook; the runner in notebooks/kernel/execute.py knows it by this and passes it on. */
export const PROGRESS_MARK = '\u25b8 ';

/** Whether this code runs in a notebook's kernel: tslab hands its cells their modules through this global. */
export function insideNotebook(): boolean {
  return '__tslab__' in globalThis;
}

/** A listener that rewrites one line of the running cell's output, one for each label; on the terminal outside of notebooks. */
export function notebookProgress(): ProgressListener {
  if (!insideNotebook()) return terminalProgress();
  const tslab: typeof import('tslab') = require('tslab');
  let display = tslab.newDisplay();
  return timedProgress((line, finished) => {
    display.text(PROGRESS_MARK + line);
    if (finished) display = tslab.newDisplay();
  }, 500);
}
