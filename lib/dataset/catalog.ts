/**
 * The catalog: every file of a data set is either a usable record or a quarantined file with its reason, and every copy and
 * near copy is known, before anything is learned. Files that were never meant as faces (README.txt, .DS_Store) are
 * quarantined like any other, so that the numbers always add up: files = usable + quarantined.
 *
 * Reading all files takes a while; what was found is kept in the cache folder under a key made of the file names, sizes and
 * times, so the next look takes about a second.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { mapConcurrent } from '../concurrency';
import { InputError, messageOf } from '../errors';
import { decodeGrey } from '../images/decode';
import type { ProgressListener } from '../progress';
import { projectPath } from '../project';
import { type Findings, readFindings, writeFindings } from './catalog-cache';
import { distinctImages, exactDuplicates } from './duplicates';
import { type FileEntry, listFiles } from './files';
import { parseFaceName } from './names';
import { findNearDuplicates, NEAR_DUPLICATE_SIZE_PX } from './near-duplicates';
import type { Catalog, DataSource, FaceRecord, QuarantinedFile } from './record';
import { randomSubset } from './subset';

export interface CatalogOptions {
  readonly onProgress?: ProgressListener;
  /** Look at no more than this many files, drawn at random from all of them by `seed`. */
  readonly limit?: number;
  readonly seed?: number;
  /** Where findings are kept; data/cache of the project when absent. */
  readonly cacheFolder?: string;
}

interface LookedAt {
  readonly file: string;
  readonly sha256: string;
  readonly grey?: Uint8Array;
  readonly record?: FaceRecord;
  readonly reason?: string;
}

const FILES_AT_A_TIME = 8;

/** @throws InputError when the folder holds no usable face at all */
export async function buildCatalog(source: DataSource, options: CatalogOptions = {}): Promise<Catalog> {
  const cacheFolder = options.cacheFolder ?? projectPath('data', 'cache');
  const files = randomSubset(await listFiles(source.folder), options.limit, options.seed ?? 1);
  const known = await readFindings(cacheFolder, files);
  const findings = known ?? (await lookAtAll(source, files, options.onProgress));
  if (findings.usable.length === 0) throw noFaces(source, findings);
  if (!known) await writeFindings(cacheFolder, files, findings);
  return assemble(source, findings);
}

async function lookAtAll(source: DataSource, files: readonly FileEntry[], onProgress?: ProgressListener): Promise<Findings> {
  let done = 0;
  const report = (): void => onProgress?.({ label: 'Reading faces', done: ++done, total: files.length, unit: 'files' });
  const looked = await mapConcurrent(files, FILES_AT_A_TIME, async (entry) => {
    const result = await lookAt(source.folder, entry.file);
    report();
    return result;
  });
  const usable: FaceRecord[] = [];
  const greys = new Map<string, Uint8Array>();
  const quarantined: QuarantinedFile[] = [];
  for (const { file, sha256, grey, record, reason } of looked) {
    if (record && grey) {
      usable.push(record);
      greys.set(sha256, grey);
    } else quarantined.push({ file, reason: reason ?? 'cannot be read' });
  }
  const distinct = distinctImages(usable);
  const pairs = findNearDuplicates(distinct.map(({ sha256 }) => greys.get(sha256) ?? new Uint8Array()));
  const identity = createHash('sha256');
  for (const { file, sha256 } of looked) identity.update(`${file}\0${sha256}\n`);
  return {
    usable,
    quarantined,
    nearDuplicates: pairs.map(({ first, second, correlation }) => ({ first: distinct[first], second: distinct[second], correlation })),
    sha256: identity.digest('hex'),
  };
}

async function lookAt(folder: string, file: string): Promise<LookedAt> {
  const labels = parseFaceName(path.posix.basename(file));
  const bytes = await readFile(path.join(folder, file)).catch((error: unknown) => messageOf(error));
  if (typeof bytes === 'string') return { file, sha256: '', reason: `cannot be read (${bytes.split(',')[0]})` };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if ('reason' in labels) return { file, sha256, reason: labels.reason };
  try {
    return { file, sha256, grey: await decodeGrey(bytes, NEAR_DUPLICATE_SIZE_PX, ''), record: { file, sha256, ...labels } };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { file, sha256, reason: error.message.replace(/^: /, '').replace(/(?:: [^:]*)?\.$/, '') };
  }
}

function assemble(source: DataSource, { usable, quarantined, nearDuplicates, sha256 }: Findings): Catalog {
  const groups = exactDuplicates(usable);
  const distrusted = new Set(groups.filter((group) => group.leftOut).map((group) => group.records[0].sha256));
  const distinct = distinctImages(usable);
  return {
    source,
    usable,
    records: distinct.filter((record) => !distrusted.has(record.sha256)),
    quarantined,
    exactDuplicates: groups,
    nearDuplicates,
    counts: {
      files: usable.length + quarantined.length,
      usable: usable.length,
      quarantined: quarantined.length,
      exactDuplicateGroups: groups.length,
      surplusFiles: usable.length - distinct.length,
      ageConflictGroups: groups.filter((group) => group.agesDiffer).length,
      genderConflictGroups: groups.filter((group) => group.gendersDiffer).length,
      nearDuplicatePairs: nearDuplicates.length,
    },
    sha256,
  };
}

function noFaces({ folder }: DataSource, { quarantined }: Findings): InputError {
  const example = quarantined[0];
  const why = example
    ? `${quarantined.length} ${quarantined.length === 1 ? 'file' : 'files'}, none usable; ${example.file}: ${example.reason}`
    : 'the folder is empty';
  return new InputError(`${folder}: no faces (${why}). Expected images named [age]_[gender]_[race]_[timestamp].jpg.chip.jpg.`);
}
