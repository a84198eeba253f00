/** The figures of a run's history, read from its folder. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../base/files';
import type { Config } from '../config';
import type { Split } from '../data/record';
import { type Provenance, readProvenance } from '../run/provenance';
import { readConfig } from '../run/run';
import { type Baselines, type History, readHistory } from '../training/history';
import { ageScaleOf, baselinesOf } from '../training/metrics';
import { type Figure, marked } from './figure';
import { metricFigure } from './history';

export interface RunHistory {
  readonly config: Config;
  readonly history: History;
  readonly provenance: Provenance;
  /** These two are known once the split is drawn. */
  readonly split?: Split;
  readonly baselines?: Baselines;
}

/** A run's epochs so far with the baselines of its split, without opening its data. */
export function readRunHistory(folder: string): RunHistory {
  const config = readConfig(folder);
  const known = { config, history: readHistory({ folder }), provenance: readProvenance({ folder }) };
  const file = path.join(folder, 'split.json');
  if (!existsSync(file)) return known;
  const split = readJson<Split>(file);
  const { training, validation } = split;
  return { ...known, split, baselines: baselinesOf(training, validation, ageScaleOf(config.ageScale, training)) };
}

/** Each metric for each session and, once there are two, joined; none without an epoch. */
export function runFigures(folder: string): Figure[] {
  const { config, history, provenance, baselines } = readRunHistory(folder);
  const sessions = ([1, 2] as const).filter((session) => history.some((record) => record.session === session));
  const parts = sessions.length === 2 ? ([...sessions, 'joined'] as const) : sessions;
  const metrics = ['genderAccuracy', 'genderLoss', 'ageLoss', 'ageMaeYears'] as const;
  const figures = metrics.flatMap((metric) => parts.map((part) => metricFigure(history, metric, part, baselines, config.ageScale)));
  return provenance.data?.kind === 'drawn' ? figures.map((figure) => marked(figure, 'drawn faces')) : figures;
}
