/**
 * The catalog: every file of a data set is either a usable record or a quarantined file with its reason, and every copy and
 * near copy is known, before anything is learned. Files that were never meant as faces (README.txt, .DS_Store) are
 * quarantined like any other, so that the numbers always add up: files = usable + quarantined.
 *
 * Reading all files takes a while; what was found is kept in the cache folder under a key made of the file names, sizes and
 * times, so the next look takes about a second.
 */
import { createHash } from 'node:crypto';
import { InputError } from '../base/errors';
import { eachChunk } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import { type Findings, readFindings, writeFindings } from './catalog-cache';
import { distinctImages, exactDuplicates } from './duplicates';
import { type FileEntry, listFiles } from './files';
import { LOOKING, type LookedAt } from './look';
import { findNearDuplicates } from './near-duplicates';
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
  const looked = new Array<LookedAt>(files.length);
  await eachChunk(LOOKING, files, async ({ lookAtFiles }, chunk, first) => {
    const names = chunk.map(({ file }) => file);
    for (const [index, result] of (await lookAtFiles(source.folder, names)).entries()) looked[first + index] = result;
    done += chunk.length;
    onProgress?.({ label: 'Reading faces', done, total: files.length, unit: 'files' });
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
