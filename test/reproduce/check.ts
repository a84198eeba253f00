/** Whether what a run came from is here: its data, its weights, the code and the machine that trained it. */
import path from 'node:path';
import { projectPath, projectRoot } from '../../lib/base/project';
import { grouped } from '../../lib/base/text';
import type { Config } from '../../lib/config';
import { catalogedFiles } from '../../lib/data/catalog';
import { HASH_DIGITS } from '../../lib/data/record';
import { openSource, type SourceOptions } from '../../lib/data/source';
import type { RunRecord } from '../../lib/evaluation/run-record';
import type { FoundFile } from '../../lib/images/find';
import { resolvePretrained } from '../../lib/model/pretrained';
import { type FileHashes, hashData, hashFiles } from '../../lib/run/hashes';
import type { Environment } from '../../lib/run/provenance';
import { changedCode } from './code';

export interface Finding {
  readonly what: 'data' | 'weights' | 'code' | 'machine';
  readonly same: boolean;
  readonly text: string;
  /** What differs, file by file or fact by fact. */
  readonly others: readonly string[];
}

export type Places = Pick<Config, 'data' | 'weights'>;

/** Reads every file, whatever was known of it. Throws an InputError where there are no data at all. */
export async function checkData(record: RunRecord, { data }: Places, options: SourceOptions): Promise<Finding> {
  const { config, provenance, hashes } = record;
  const source = await openSource(data ?? undefined, options);
  const files = catalogedFiles(source, config);
  const { sha256, each } = hashData(source.folder, files);
  if (sha256 === provenance.data?.sha256) return finding('data', true, `the same, ${filesText(files.length)} of ${source.label}`);
  if (hashes.data === undefined) return finding('data', false, `not ${provenance.data?.label}${TOO_OLD}`);
  const { others, missing } = otherFiles(hashes.data, files, each);
  const lost = Math.max(0, missing.length - others.length); // a file that has changed is not there as it was, either
  const first = others.length === 0 ? `, the first after ${missing[0]}` : '';
  const lostText = lost > 0 ? [`${filesText(lost)} of the run's missing in ${source.folder}${first}`] : [];
  const changed = `${filesText(others.length)} of ${grouped(files.length)} changed${missing.length < others.length ? ' or added' : ''}`;
  const text = [...lostText, ...(others.length > 0 ? [changed] : [])].join(', ');
  const named = others.map((file) => path.join(source.folder, file));
  return finding('data', false, text, named);
}

const TOO_OLD = '; the run is older than the record of each file, so which ones differ cannot be told';

const finding = (what: Finding['what'], same: boolean, text: string, others: readonly string[] = []): Finding => ({
  what,
  same,
  text,
  others,
});
const filesText = (count: number): string => (count === 1 ? '1 file' : `${grouped(count)} files`);

/** Of files with these hashes, those that are not among the packed ones; and for each packed one that is not here, which file stood before it. */
export function otherFiles(packed: string, files: readonly Pick<FoundFile, 'file'>[], each: readonly string[]) {
  const recorded =
    Buffer.from(packed, 'base64')
      .toString('hex')
      .match(new RegExp(`.{${HASH_DIGITS}}`, 'g')) ?? [];
  const known = new Set<string>(recorded);
  const others = files.filter((_, index) => !known.has(each[index])).map(({ file }) => file);
  const here = new Map(each.map((hash, index) => [hash, files[index].file]));
  const missing: string[] = [];
  let before = 'the beginning';
  for (const hash of recorded) {
    if (here.has(hash)) before = here.get(hash) ?? before;
    else missing.push(before);
  }
  return { others, missing };
}

/** Files that differ are told even where what a run takes from them is the same, as it may be in weights from another source. */
export async function checkWeights({ provenance, hashes }: RunRecord, weights: string, folder: string): Promise<Finding> {
  const { label, sha256 } = provenance.weights ?? {};
  const recorded = hashes.weights ?? {};
  const others = differing(recorded, hashFiles(folder, Object.keys(recorded)));
  const files = others.map((name) => path.join(folder, name));
  if (hashes.weights && others.length === 0) return finding('weights', true, `the same, ${label}`);
  const found = await resolvePretrained({ weights, dataFolder: projectPath('data') }).catch(() => undefined); // a changed file may be unreadable
  if (found?.sha256 === sha256) return finding('weights', true, `the same numbers as in ${label}`, files);
  return finding('weights', false, `not ${label}${hashes.weights ? '' : TOO_OLD}`, files);
}

/** Against what trained the run last. */
export function checkCode(record: RunRecord): Finding {
  const others = changedCode(record, projectRoot());
  const since = `since the run was trained (by ${record.provenance.trainedBy.at(-1)?.code ?? 'code unknown'})`;
  if (!others) return finding('code', false, `whatever has changed ${since}${TOO_OLD}`);
  if (others.length === 0) return finding('code', true, 'the same, file by file');
  return finding(
    'code',
    false,
    `${filesText(others.length)} changed ${since}`,
    others.map((file) => projectPath(file)),
  );
}

function differing(before: FileHashes, now: FileHashes): readonly string[] {
  return Object.keys({ ...before, ...now }).filter((name) => before[name] !== now[name]);
}

/** Versions, processor, engine and threads, against what trained the run last. */
export function checkMachine({ provenance }: RunRecord, now: Environment): Finding {
  const factsOf = ({ versions, machine, engine, threads }: Environment) => ({ ...versions, machine, engine, threads });
  const facts: Readonly<Record<string, string | undefined>> = factsOf(now);
  const before: typeof facts = factsOf(provenance.trainedBy.at(-1) ?? {});
  const others = Object.keys(facts).filter((name) => before[name] !== facts[name]);
  if (others.length === 0 && provenance.trainedBy.length === 1)
    return finding('machine', true, 'the same, and the same versions and threads');
  const parts =
    provenance.trainedBy.length > 1
      ? `the run was trained in ${provenance.trainedBy.length} parts that differed; against the last`
      : 'another';
  return finding(
    'machine',
    false,
    parts,
    others.map((name) => `${name}: ${before[name] ?? 'not recorded'}, here ${facts[name]}`),
  );
}
