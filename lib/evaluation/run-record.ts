/** What makes a run one that anyone can make again: its record, small enough to stand in each page of its report. */
import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../base/files';
import type { Config } from '../config';
import type { Split } from '../data/record';
import { type Hashes, readHashes } from '../run/hashes';
import { type Provenance, readProvenance } from '../run/provenance';
import { readConfig, withoutPlaces } from '../run/run';
import { type History, readHistory } from '../training/history';

export interface RunRecord {
  readonly run: string;
  /** Without places of this machine. */
  readonly config: Config;
  readonly provenance: Provenance;
  /** None in runs of old. */
  readonly hashes: Hashes;
  /** SHA-256 over the pictures of both sides, in their order. */
  readonly splitSha256?: string;
  readonly history: History;
  /** Of the weights that the run ended with; absent as long as it has not. */
  readonly weightsSha256?: string;
}

/** What the run's folder holds of it. */
export function recordOf(folder: string): RunRecord {
  const read = <T>(name: string): T | undefined => (existsSync(path.join(folder, name)) ? readJson(path.join(folder, name)) : undefined);
  const split = read<Split>('split.json');
  const sides = split && [split.training, split.validation].map((side) => side.map(({ sha256 }) => sha256));
  return {
    run: path.basename(folder),
    config: withoutPlaces(readConfig(folder)),
    provenance: readProvenance({ folder }),
    hashes: readHashes({ folder }),
    ...(sides && { splitSha256: hash('sha256', JSON.stringify(sides)) }),
    history: readHistory({ folder }),
    weightsSha256: read<{ weightsSha256: string }>('metrics.json')?.weightsSha256,
  };
}

export const RECORD_MARK = '<script type="application/json" id="run-record">';

/** For a page, where nobody sees it. */
export function recordHtml(record: RunRecord): string {
  return `${RECORD_MARK}${JSON.stringify(record).replace(/</g, '\\u003c')}</script>`;
}
