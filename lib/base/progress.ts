/**
 * Progress of whatever takes long: what, how far, how fast, how long still. The code that does the work only calls a
 * listener; it is drawn where the reader is, in the output of a notebook's cell or on the terminal.
 */
import { grouped } from './text';

export interface ProgressUpdate {
  /** What is happening, as a sentence opens: "Decoding faces". */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What is counted: "images", "MB". */
  readonly unit: string;
  /** Anything worth a look meanwhile: "loss 0.52, MAE 6.1 years". */
  readonly detail?: string;
}

export type ProgressListener = (update: ProgressUpdate) => void;

/**
 * "Decoding faces: 1,200 of 21,705 images (6 %), 410 images/s, 50 s left". What was `doneBefore`, by a process that was
 * stopped, took none of the seconds.
 */
export function formatProgress(update: ProgressUpdate, elapsedSeconds: number, doneBefore = 0): string {
  const { label, done, total, unit, detail } = update;
  const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
  const rate = elapsedSeconds > 0 ? (done - doneBefore) / elapsedSeconds : 0;
  const parts = [`${label}: ${count(done)} of ${count(total)} ${unit} (${percent} %)`];
  if (rate > 0) parts.push(`${count(rate)} ${unit}/s`);
  if (rate > 0 && done < total) parts.push(`${formatSeconds((total - done) / rate)} left`);
  if (detail) parts.push(detail);
  return parts.join(', ');
}

/** "45 s", "3 min 20 s", "1 h 05 min". */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 100) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/**
 * A listener that keeps time per label and hands finished lines to `draw`, at most one every `intervalMs`;
 * the first and the last of a label always come through.
 */
export function timedProgress(draw: (line: string, finished: boolean) => void, intervalMs: number): ProgressListener {
  let label = '';
  let startedMs = 0;
  let doneBefore = 0;
  let drawnMs = 0;
  return (update) => {
    const nowMs = performance.now();
    const finished = update.done >= update.total;
    if (update.label !== label || update.done < doneBefore) {
      [label, startedMs, doneBefore, drawnMs] = [update.label, nowMs, update.done, Number.NEGATIVE_INFINITY];
    }
    if (!finished && nowMs - drawnMs < intervalMs) return;
    drawnMs = nowMs;
    draw(formatProgress(update, (nowMs - startedMs) / 1000, doneBefore), finished);
  };
}

/** For a terminal: one line that rewrites itself, or a line every ten seconds where stderr is a file. */
export function terminalProgress(): ProgressListener {
  const { stderr } = process;
  if (!stderr.isTTY) return timedProgress((line) => stderr.write(`${line}\n`), 10_000);
  return timedProgress((line, finished) => stderr.write(`\r\u001b[K${line.slice(0, stderr.columns - 1)}${finished ? '\n' : ''}`), 200);
}

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

function count(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : grouped(value);
}
