/**
 * Progress of whatever takes long: what, how far, how fast, how long still. The code that does the work only calls a
 * listener; the terminal and the notebook each draw it their way.
 */

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

/** "Decoding faces: 1,200 of 21,705 images (6 %), 410 images/s, 50 s left". */
export function formatProgress(update: ProgressUpdate, elapsedSeconds: number): string {
  const { label, done, total, unit, detail } = update;
  const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
  const rate = elapsedSeconds > 0 ? done / elapsedSeconds : 0;
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
  let drawnMs = 0;
  return (update) => {
    const nowMs = performance.now();
    const finished = update.done >= update.total;
    if (update.label !== label) [label, startedMs, drawnMs] = [update.label, nowMs, Number.NEGATIVE_INFINITY];
    if (!finished && nowMs - drawnMs < intervalMs) return;
    drawnMs = nowMs;
    draw(formatProgress(update, (nowMs - startedMs) / 1000), finished);
  };
}

/** For a terminal: one line that rewrites itself, or a line every ten seconds where stderr is a file. */
export function terminalProgress(): ProgressListener {
  const { stderr } = process;
  if (!stderr.isTTY) return timedProgress((line) => stderr.write(`${line}\n`), 10_000);
  return timedProgress((line, finished) => stderr.write(`\r\u001b[K${line.slice(0, stderr.columns - 1)}${finished ? '\n' : ''}`), 200);
}

function count(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}
