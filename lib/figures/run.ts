/** The figures of a run's history, read from its folder. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../base/files';
import type { Config } from '../config/config';
import type { Split } from '../data/record';
import type { Baselines, History } from '../training/history';
import { ageScaleOf, baselinesOf } from '../training/metrics';
import { type Figure, marked } from './figure';
import { metricFigure } from './history';

export interface RunHistory {
  readonly config: Config;
  readonly history: History;
  /** What `provenance.json` holds, by name. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Known once the split is drawn. */
  readonly baselines?: Baselines;
}

/** A run's epochs so far with the baselines of its split. */
export function readRunHistory(runFolder: string): RunHistory {
  const read = <T>(name: string, missing: T): T => {
    const file = path.join(runFolder, name);
    return existsSync(file) ? readJson<T>(file) : missing;
  };
  const config = readJson<Config>(path.join(runFolder, 'config.json'));
  const { training, validation } = read<Split>('split.json', { training: [], validation: [] });
  const scale = ageScaleOf(config.ageScale, training);
  const baselines = validation.length > 0 ? baselinesOf(training, validation, scale) : undefined;
  return { config, history: read<History>('history.json', []), provenance: read('provenance.json', {}), baselines };
}

/** The `kind` that provenance records of data and weights: 'drawn', 'bundled'; undefined where it records none. */
export function kindOf(recorded: unknown): string | undefined {
  return stringIn(recorded, 'kind');
}

/** A string that provenance records under `name` in one of its entries. */
export function stringIn(recorded: unknown, name: string): string | undefined {
  if (typeof recorded !== 'object' || recorded === null) return undefined;
  const found = Object.entries(recorded).find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? found : undefined;
}

/** Each metric for each session and, once there are two, joined; none without an epoch. */
export function runFigures(runFolder: string): Figure[] {
  const { config, history, provenance, baselines } = readRunHistory(runFolder);
  const sessions = ([1, 2] as const).filter((session) => history.some((record) => record.session === session));
  const parts = sessions.length === 2 ? ([...sessions, 'joined'] as const) : sessions;
  const metrics = ['genderAccuracy', 'genderLoss', 'ageLoss', 'ageMaeYears'] as const;
  const figures = metrics.flatMap((metric) => parts.map((part) => metricFigure(history, metric, part, baselines, config.ageScale)));
  return kindOf(provenance.data) === 'drawn' ? figures.map((figure) => marked(figure, 'drawn faces')) : figures;
}
