/** What a run begins with: the source opened, the catalog built, the split drawn and written down, the base's weights found. */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { readJson, writeJson } from '../base/files';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import type { Settings } from '../config/settings';
import { buildCatalog } from '../data/catalog';
import type { Catalog, Split } from '../data/record';
import { openSource } from '../data/source';
import { selectionSplit, splitRecords } from '../data/split';
import { type Pretrained, resolvePretrained } from '../model/pretrained';
import { recordProvenance } from './provenance';
import { createRun, listRuns, type Run } from './run';

export interface RunData {
  readonly catalog: Catalog;
  readonly split: Split;
  /** The base's first weights. */
  readonly pretrained: Pretrained;
}

export interface DataOptions {
  readonly acceptTerms?: boolean;
  readonly onProgress?: ProgressListener;
}

/**
 * Finds the run's faces, its two sides and its base. The first call writes `split.json`; later ones hold the data against
 * it and throw an InputError where the data has changed since.
 */
export async function openRunData(run: Run, options: DataOptions = {}): Promise<RunData> {
  const { data, seed, limit, validationShare, judgedBy } = run.config;
  const source = await openSource(data ?? undefined, { seed, ...options });
  const catalog = await buildCatalog(source, { onProgress: options.onProgress, limit: limit ?? undefined, seed });
  const whole = splitRecords(catalog, { seed, validationShare });
  const split = judgedBy === 'validation' ? whole : selectionSplit(whole, catalog, seed);
  for (const side of ['training', 'validation'] as const) {
    if (split[side].length === 0) {
      throw new InputError(
        `${source.label}: no face is left for ${side} out of ${catalog.counts.files} files. Expected at least 10 usable faces.`,
      );
    }
  }
  const pretrained = await openPretrained(run);
  const file = path.join(run.folder, 'split.json');
  if (!existsSync(file)) {
    await writeJson(file, { dataSha256: catalog.sha256, ...split });
    await recordProvenance(run, {
      data: { kind: source.kind, label: source.label, sha256: catalog.sha256, ...catalog.counts },
      split: { training: split.training.length, validation: split.validation.length },
      weights: { kind: pretrained.kind, label: pretrained.label, sha256: pretrained.sha256 },
    });
  } else {
    const { dataSha256 } = readJson<{ dataSha256: string }>(file);
    if (dataSha256 !== catalog.sha256) {
      throw new InputError(
        `${run.folder}: the data has changed since this run began (${source.label}). Start a new run, or bring the old data back.`,
      );
    }
  }
  return { catalog, split, pretrained };
}

/** Makes the run's folder and finds its data before anything is trained; leaves no folder behind where the data is refused. */
export async function startRun(settings: Settings, name: string | undefined, options: DataOptions): Promise<Run> {
  const before = listRuns();
  const run = await createRun(settings, name);
  try {
    await openRunData(run, options);
  } catch (error) {
    if (!before.includes(run.name)) rmSync(run.folder, { recursive: true });
    throw error;
  }
  return run;
}

/** The base's first weights, as the run's configuration says. */
async function openPretrained({ config: { weights } }: Run): Promise<Pretrained> {
  return resolvePretrained({ weights: weights ?? undefined, dataFolder: projectPath('data') });
}
