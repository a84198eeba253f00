/** A run's data: the source opened, the catalog built, the split drawn and written down. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildCatalog } from '../dataset/catalog';
import type { Catalog, Split } from '../dataset/record';
import { openSource } from '../dataset/source';
import { splitRecords } from '../dataset/split';
import { InputError } from '../errors';
import { readJson, writeJson } from '../json';
import type { ProgressListener } from '../progress';
import { recordProvenance } from './provenance';
import type { Run } from './run';

export interface RunData {
  readonly catalog: Catalog;
  readonly split: Split;
}

export interface DataOptions {
  readonly acceptTerms?: boolean;
  readonly onProgress?: ProgressListener;
}

/**
 * Finds the run's faces and its two sides. The first call writes `split.json`; later ones hold the data against it and
 * throw an InputError where the data has changed since.
 */
export async function openRunData(run: Run, options: DataOptions = {}): Promise<RunData> {
  const { data, seed, limit, validationShare } = run.config;
  const source = await openSource(data ?? undefined, { seed, ...options });
  const catalog = await buildCatalog(source, { onProgress: options.onProgress, limit: limit ?? undefined, seed });
  const split = splitRecords(catalog, { seed, validationShare });
  for (const side of ['training', 'validation'] as const) {
    if (split[side].length === 0) {
      throw new InputError(
        `${source.label}: no face is left for ${side} out of ${catalog.counts.files} files. Expected at least 10 usable faces.`,
      );
    }
  }
  const file = path.join(run.folder, 'split.json');
  if (!existsSync(file)) {
    await writeJson(file, { dataSha256: catalog.sha256, ...split });
    await recordProvenance(run, {
      data: { kind: source.kind, label: source.label, sha256: catalog.sha256, ...catalog.counts },
      split: { training: split.training.length, validation: split.validation.length },
    });
  } else {
    const { dataSha256 } = readJson<{ dataSha256: string }>(file);
    if (dataSha256 !== catalog.sha256) {
      throw new InputError(
        `${run.folder}: the data has changed since this run began (${source.label}). Start a new run, or bring the old data back.`,
      );
    }
  }
  return { catalog, split };
}
