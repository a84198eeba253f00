/**
 * Rounds that other work on the machine disturbs are run again: it slows one runtime much more than another, so that even the ratios of
 * subjects that take turns would be wrong.
 */
import { readFileSync } from 'node:fs';

/** So many cores' work may others do while a round runs; what reads the clock and the disk is always there. */
export const QUIET_CORES = 0.1;

export interface TimedRound {
  readonly seconds: number;
  /** How many cores others kept busy meanwhile, on average. */
  readonly otherCores: number;
}

/** The first of at most `tries` rounds that others left alone, or the one in which they did least. `others`: seconds of their work so far. */
export async function leastDisturbed(run: () => Promise<number>, tries: number, others: () => number): Promise<TimedRound> {
  let least: TimedRound = { seconds: Number.NaN, otherCores: Number.POSITIVE_INFINITY };
  for (let attempt = 0; attempt < tries && least.otherCores > QUIET_CORES; attempt++) {
    const before = others();
    const seconds = await run();
    const otherCores = Math.max(0, (others() - before) / seconds);
    if (otherCores < least.otherCores) least = { seconds, otherCores };
  }
  return least;
}

/** The unit of time in /proc, for all of Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/** Seconds of work that all cores have done for others than the process `pid`, the machine's neighbours among them. */
export function secondsOfOthers(pid: number): number {
  const [user, nice, system, , , ...rest] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/).slice(1, 9).map(Number);
  const all = [user, nice, system, ...rest].reduce((sum, ticks) => sum + ticks, 0);
  const own = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').slice(11, 13) ?? [];
  return (all - own.reduce((sum, ticks) => sum + Number(ticks), 0)) / TICKS_A_SECOND;
}
