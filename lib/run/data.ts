/** What a run begins with: its faces, the split in two sides, and the base's first weights. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { readJson, writeJson } from '../base/files';
import type { ProgressListener } from '../base/progress';
import { projectPath } from '../base/project';
import { type Config, FOLDS, type Settings, sameConfig } from '../config';
import { buildCatalog, catalogedFiles } from '../data/catalog';
import { type Catalog, type FaceRecord, type Split, shortHash } from '../data/record';
import { openSource } from '../data/source';
import { foldSplit, requireBothSides, selectionSplit, splitRecords } from '../data/split';
import { readModelJson } from '../model/layers-folder';
import { readSplitHashes } from '../model/model-folder';
import { type Pretrained, resolvePretrained } from '../model/pretrained';
import { resolveConfig } from '../presets';
import { hashData, hashFiles, writeHashes } from './hashes';
import { readProvenance, writeProvenance } from './provenance';
import { makeRunFolder, openRunFolder, type Run, readConfig, recordCacheUse, runExists } from './run';

/** A run with all that it learns from. */
export interface RunData extends Run {
  readonly catalog: Catalog;
  readonly split: Split;
  /** The base's first weights. */
  readonly pretrained: Pretrained;
}

/**
 * Opens the run of that name with its data, or makes it: nothing is written before data and weights are found sound.
 * Throws an InputError where they are not, and where the run is there already and was made by other settings.
 */
export async function startRun(settings: Settings, name?: string, onProgress?: ProgressListener): Promise<RunData> {
  if (name !== undefined && runExists(name)) return openRunData(openRunFolder(name, settings), onProgress);
  return makeRun(resolveConfig(settings), name, onProgress);
}

/** Makes a run of exactly this configuration, as `startRun` does. */
export async function makeRun(config: Config, name?: string, onProgress?: ProgressListener): Promise<RunData> {
  const found = await findData(config, onProgress);
  const split = drawSplit(found, config);
  return begin(makeRunFolder(config, name), found, split);
}

/**
 * Opens the data of a run, held against what the run began with; where it has moved, its new place is kept.
 * Throws an InputError where data or weights are not found, or are others than before.
 */
export async function openRunData(run: Run, onProgress?: ProgressListener): Promise<RunData> {
  const { data: dataBefore, weights: weightsBefore } = readProvenance(run);
  requirePlaces(run);
  const found = await findData(run.config, onProgress, weightsBefore?.kind);
  const file = path.join(run.folder, 'split.json');
  if (!existsSync(file)) return begin(run, found, drawSplit(found, run.config));
  const split = storedSplit(run, readJson<Split>(file), found.catalog, dataBefore?.label);
  if (weightsBefore && weightsBefore.kind !== 'bundled' && weightsBefore.sha256 !== found.pretrained.sha256) {
    const reason = `began with the weights ${weightsBefore.label}, and ${found.pretrained.label} holds others`;
    throw new InputError(`${run.folder}: ${reason}. ${giveAgain(run, 'weights')}`);
  }
  if (!sameConfig(readConfig(run.folder), run.config)) await writeConfig(run);
  await recordCacheUse(run, found.catalog.source.folder);
  return { ...run, ...found, split };
}

type Found = Pick<RunData, 'catalog' | 'pretrained'>;

/** `begunWith` says which kind of weights the run began with. */
async function findData(config: Config, onProgress?: ProgressListener, begunWith?: string): Promise<Found> {
  const { data, limit, seed } = config;
  const source = await openSource(data ?? undefined, { onProgress });
  const weights = config.weights ?? (begunWith === 'bundled' ? 'bundled' : undefined);
  const pretrained = await resolvePretrained({ weights, dataFolder: projectPath('data') });
  if (pretrained.kind === 'bundled' && weights !== 'bundled' && source.kind !== 'drawn') {
    throw new InputError(
      `${source.label}: photos of faces, and no ImageNet weights to start from. Run npm run download -- weights, or give --weights ` +
        "(--weights bundled starts from the course's own model, which has learned from most of UTKFace).",
    );
  }
  const catalog = await buildCatalog(source, { onProgress, limit: limit ?? undefined, seed });
  return { catalog, pretrained };
}

/** No face judges the run that its first weights have learned from. */
function drawSplit({ catalog, pretrained }: Found, { seed, validationShare, judgedBy }: Config): Split {
  const learned = new Set(pretrained.kind === 'bundled' ? readSplitHashes(projectPath('data', 'model')).training : []);
  const mayJudge = ({ sha256 }: FaceRecord) => !learned.has(shortHash(sha256));
  let split = splitRecords(catalog, { seed, validationShare, mayJudge });
  if (judgedBy !== 'validation') split = selectionSplit(split, catalog, { seed, mayJudge });
  const fold = (FOLDS as readonly string[]).indexOf(judgedBy) + 1;
  if (fold > 0) split = foldSplit({ ...catalog, records: split.training }, fold, { seed, mayJudge });
  requireBothSides(split, catalog);
  return split;
}

/** The split that the run began with, in the records of today: the same faces, wherever they lie now. */
function storedSplit(run: Run, stored: Split, { records, source }: Catalog, before = 'other faces'): Split {
  const known = new Map(records.map((record) => [record.sha256, record]));
  const find = ({ sha256, ageYears, gender }: FaceRecord): FaceRecord => {
    const record = known.get(sha256);
    if (record?.ageYears === ageYears && record.gender === gender) return record;
    const reason = `the data has changed since this run began with ${before}: ${source.label} holds other faces or labels`;
    throw new InputError(`${run.folder}: ${reason}. ${giveAgain(run, 'data')}`);
  };
  return { training: stored.training.map(find), validation: stored.validation.map(find) };
}

async function begin(run: Run, found: Found, split: Split): Promise<RunData> {
  const { source, sha256, counts } = found.catalog;
  const { kind, label, folder, sha256: weightsSha256 } = found.pretrained;
  const names = ['model.json', ...readModelJson(folder).weightsManifest.flatMap(({ paths }) => paths)];
  const { packed } = hashData(source.folder, catalogedFiles(source, run.config));
  await writeHashes(run, { data: packed, weights: hashFiles(folder, names) });
  await writeJson(path.join(run.folder, 'split.json'), { dataSha256: sha256, ...split });
  await writeProvenance(run, {
    data: { kind: source.kind, label: source.label, sha256, ...counts },
    split: { training: split.training.length, validation: split.validation.length },
    weights: { kind, label, sha256: weightsSha256 },
  });
  await recordCacheUse(run, source.folder);
  await writeConfig(run); // last: a folder with a configuration is a run
  return { ...run, ...found, split };
}

const writeConfig = ({ folder, config }: Run): Promise<void> => writeJson(path.join(folder, 'config.json'), config);

/** Throws an InputError where the data or weights of a run are no longer where they were. */
function requirePlaces(run: Run): void {
  for (const what of ['data', 'weights'] as const) {
    const place = run.config[what];
    if (place === null || !path.isAbsolute(place) || existsSync(place)) continue;
    throw new InputError(`${place}: no such file or folder; the ${what} of run ${run.name} lay there. ${giveAgain(run, what)}`);
  }
}

function giveAgain({ name }: Run, what: 'data' | 'weights'): string {
  return `Bring the old ${what} back or say where it is now: npm run train -- --run ${name} --${what} <path>`;
}
