/**
 * data/cache by kinds, and what in it no run needs: a run names what it works with in its `cache.json`. Everything there but
 * downloads can be made again from the data.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'glob';
import { readJson, sweepHalfWritten } from '../base/files';
import { projectPath } from '../base/project';
import { cacheUseOf } from '../run/run';
import { bytesIn, namesIn } from './disk';

export interface CacheEntry {
  readonly name: string;
  readonly kind: string;
  readonly bytes: number;
  /** Whether it can be made again and no run needs it. */
  readonly idle: boolean;
}

/** The first that fits. What fits none is not ours. */
const KINDS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['downloads', /\.(?:tar\.gz|tgz|zip)(?:\.part)?$/i],
  ['being written', /\.part$/],
  ['pixels', /^pixels-/],
  ['features', /^features-/],
  ['catalogs', /^catalog-/],
  ['drawn faces', /^drawn-/],
  ['unpacked faces', /-[0-9a-f]{12}$/],
];
const ONLY_FOR_TRAINING = ['pixels', 'features'];
const KEPT = ['downloads', 'being written', 'other'];

/** What lies in data/cache now. */
export function readCache(): CacheEntry[] {
  // runs of the ablation and of soups lie one folder deeper
  const runs = globSync('{*,*/*}', { cwd: projectPath('outputs'), absolute: true }).map(needsOf);
  const isNeeded = (name: string, kind: string): boolean => {
    if (kind !== 'catalogs') return runs.some((run) => run.names.includes(name) && !(run.isFinished && ONLY_FOR_TRAINING.includes(kind)));
    const text = readFileSync(cachePath(name), 'utf8');
    return runs.some(({ dataSha256 }) => dataSha256 !== undefined && text.includes(dataSha256));
  };
  return namesIn(cachePath()).map((name) => {
    const kind = KINDS.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other';
    return { name, kind, bytes: bytesIn(cachePath(name)), idle: !KEPT.includes(kind) && !isNeeded(name, kind) };
  });
}

/** Removes what no run needs, and what processes that are gone left half-written; answers how many bytes that frees. */
export async function cleanCache(): Promise<number> {
  const before = bytesIn(cachePath());
  await sweepHalfWritten(cachePath());
  for (const { name, idle } of readCache()) if (idle) rmSync(cachePath(name), { recursive: true, force: true });
  return before - bytesIn(cachePath());
}

const cachePath = (...parts: readonly string[]): string => projectPath('data', 'cache', ...parts);

function needsOf(run: string) {
  const split = path.join(run, 'split.json');
  const { dataSha256 } = existsSync(split) ? readJson<{ readonly dataSha256?: string }>(split) : {};
  return { names: cacheUseOf(run), dataSha256, isFinished: existsSync(path.join(run, 'metrics.json')) };
}
