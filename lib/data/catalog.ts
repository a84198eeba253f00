/**
 * The catalog: every file of a data set is either a usable face or a quarantined file with its reason, and every copy and
 * near copy is known, before anything is learned. Files that were never meant as faces (README.txt, .DS_Store) are
 * quarantined like any other, so that the numbers always add up: files = usable + quarantined.
 *
 * Reading all files takes a while; what was found is kept in the cache folder under a key made of the file names, sizes and
 * times, so the next look takes about a second.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError, messageOf } from '../base/errors';
import { writeFileAtomically } from '../base/files';
import { mapChunks, mapConcurrent, serve } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import { shuffled, streamFor } from '../base/random';
import type { Config } from '../config';
import { decodeGrey, readImageFile } from '../images/decode';
import type { FoundFile } from '../images/find';
import { groupBy } from './bands';
import { isLabelsFile, LABELS_FILE, readLabels } from './labels';
import { type DisjointSets, findNearDuplicates, NEAR_DUPLICATE_SIZE_PX } from './near-duplicates';
import { type Catalog, countsOf, type DataSource, type DuplicateGroup, type Face, hasAge, type QuarantinedFile } from './record';

export interface CatalogOptions {
  readonly onProgress?: ProgressListener;
  /** Look at no more than this many files, drawn at random from all of them by `seed`. */
  readonly limit?: number;
  readonly seed?: number;
  /** Where findings are kept; data/cache of the project when absent. */
  readonly cacheFolder?: string;
}

/** Raised whenever the rules for labels, decoding or near duplicates change: old findings are then looked up no more. */
const VERSION = 5;

/** @throws InputError when the folder holds no usable face at all */
export async function buildCatalog(source: DataSource, options: CatalogOptions = {}): Promise<Catalog> {
  const { onProgress, cacheFolder = projectPath('data', 'cache') } = options;
  const files = catalogedFiles(source, options);
  // Names, sizes and times stand in for the contents: a file that changes without changing any of these goes unnoticed.
  const key = createHash('sha256').update(`catalog ${VERSION}\n${JSON.stringify(source.leftOut)}\n`);
  for (const { file, bytes, modifiedMs } of files) key.update(`${file}\0${bytes}\0${modifiedMs}\n`);
  const cached = path.join(cacheFolder, `catalog-${key.digest('hex').slice(0, 16)}.json`);
  const known: Findings | undefined = await readFile(cached, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined); // these files were never looked at, or what was kept of it is damaged
  const findings = known ?? (await lookAtAll(source, files, onProgress));
  if (findings.usable.length === 0) throw noFaces(source.folder, findings);
  if (!known) await writeFileAtomically(cached, JSON.stringify(findings));
  return { source, ...findings };
}

/** The files that such a catalog looks at: all, or as many as the limit allows. */
export function catalogedFiles({ files }: DataSource, { limit, seed = 1 }: Partial<Pick<Config, 'limit' | 'seed'>>): readonly FoundFile[] {
  const labels = files.filter(({ file }) => isLabelsFile(file));
  const others = files.filter(({ file }) => !isLabelsFile(file));
  const drawn = new Set(shuffled([...others.keys()], streamFor(seed, 'limit')).slice(0, limit ?? undefined)); // a larger limit holds a smaller one's files
  return [...labels, ...others.filter((_, index) => drawn.has(index))];
}

/** A catalog of these files, wherever they lie. */
type Findings = Omit<Catalog, 'source'>;

/** What has to be known of a file, found by reading and decoding it; many at a time in processes of their own. */
interface Look {
  /** '' where the file cannot be read. */
  readonly sha256: string;
  /** A small grey image to find near duplicates by; absent where there is none. */
  readonly grey?: Uint8Array;
  /** Why there is none. */
  readonly reason?: string;
}

const LOOKING = { script: 'lib/data/catalog.ts', functions: { lookAt } };
serve(LOOKING);

/** Looks at files below `folder`, in turn. */
async function lookAt(folder: string, files: readonly string[]): Promise<readonly Look[]> {
  return mapConcurrent(files, 1, async (file): Promise<Look> => {
    let sha256 = '';
    try {
      const bytes = readImageFile(path.join(folder, file), 'image');
      sha256 = createHash('sha256').update(bytes).digest('hex');
      return { sha256, grey: await decodeGrey(bytes, NEAR_DUPLICATE_SIZE_PX) };
    } catch (error) {
      return { sha256, reason: messageOf(error).replace(/^image: (.*?)(?:: [^:)]*)?\.$/, '$1') }; // without what to do about it
    }
  });
}

async function lookAtAll(source: DataSource, files: readonly FoundFile[], onProgress?: ProgressListener): Promise<Findings> {
  const labels = readLabels(source.folder, source.files);
  const readable = files.filter(({ problem }) => problem === undefined).map(({ file }) => file);
  const looks = new Map<string, Look>();
  for await (const seen of mapChunks(LOOKING, readable, ({ lookAt }, chunk) => lookAt(source.folder, chunk))) {
    for (const look of seen) looks.set(readable[looks.size], look);
    onProgress?.({ label: 'Reading faces', done: looks.size, total: readable.length, unit: 'files' });
  }
  const usable: Face[] = [];
  const quarantined: QuarantinedFile[] = [...labels.widowed];
  const greys = new Map<string, Uint8Array>();
  const identity = createHash('sha256');
  for (const { file, problem } of files) {
    const { sha256, grey, reason }: Look = looks.get(file) ?? { sha256: '', reason: problem };
    identity.update(`${file}\0${sha256}\n`);
    if (isLabelsFile(file) && problem === undefined) continue;
    const known = labels.of(file);
    if (grey && !('reason' in known)) {
      usable.push({ file, sha256, ...known });
      greys.set(sha256, grey);
    } else quarantined.push({ file, reason: problem ?? ('reason' in known ? known.reason : (reason ?? 'cannot be read')) });
  }
  return { ...describe(usable, [...quarantined, ...source.leftOut], greys), sha256: identity.digest('hex') };
}

/** What follows from the files, usable ones by name, and the grey images of these. */
function describe(usable: readonly Face[], quarantined: readonly QuarantinedFile[], greys: ReadonlyMap<string, Uint8Array>) {
  const images = [...groupBy(usable, ({ sha256 }) => sha256).values()];
  const distinct = images.map((copies) => copies.find(hasAge) ?? copies[0]); // whatever the copies say
  const exactDuplicates = images.filter((copies) => copies.length > 1).map(describeCopies);
  const distrusted = new Set(exactDuplicates.filter(({ leftOut }) => leftOut).map(({ records }) => records[0].sha256));
  const records = distinct.filter(hasAge).filter(({ sha256 }) => !distrusted.has(sha256));
  const { pairs, chains } = findNearDuplicates(distinct.map(({ sha256 }) => greys.get(sha256) ?? new Uint8Array()));
  const nearDuplicates = pairs.map(({ first, second, correlation }) => ({ first: distinct[first], second: distinct[second], correlation }));
  uniteGroups(chains, distinct, usable);
  const clusters = chains.of(distinct.map(({ sha256 }) => sha256));
  const found = { usable, records, quarantined, exactDuplicates, nearDuplicates, clusters };
  return { ...found, counts: countsOf(found) };
}

/** Copies of one image whose ages lie further apart than this are left out of training and validation. */
export const MAX_AGE_DISAGREEMENT_YEARS = 5;

function describeCopies(records: readonly Face[]): DuplicateGroup {
  const ages = records.filter(hasAge).map(({ ageYears }) => ageYears);
  const spreadYears = Math.max(...ages) - Math.min(...ages);
  const gendersDiffer = records.some((record) => record.gender !== records[0].gender);
  return { records, agesDiffer: spreadYears > 0, gendersDiffer, leftOut: gendersDiffer || spreadYears > MAX_AGE_DISAGREEMENT_YEARS };
}

/** Adds to what near duplicates chain together the groups that labels name. */
function uniteGroups(chains: DisjointSets, distinct: readonly Face[], usable: readonly Face[]): void {
  const places = new Map(distinct.map(({ sha256 }, index) => [sha256, index]));
  const inGroups = usable.filter(({ group }) => group !== undefined);
  for (const [first, ...others] of groupBy(inGroups, ({ group }) => group).values()) {
    for (const other of others) chains.unite(places.get(first.sha256) ?? 0, places.get(other.sha256) ?? 0);
  }
}

function noFaces(folder: string, { quarantined: [{ file, reason }], counts }: Findings): InputError {
  const many = `${counts.quarantined} ${counts.quarantined === 1 ? 'file' : 'files'}`;
  const expected = `images named [age]_[gender]_[race]_[timestamp].jpg, or a ${LABELS_FILE} (file,age,gender)`;
  return new InputError(`${folder}: no faces (${many}, none usable; ${file}: ${reason}). Expected ${expected}.`);
}
