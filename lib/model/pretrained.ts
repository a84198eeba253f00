/**
 * Where the base's first weights come from: what the person names, else data/weights, else a download if asked for, else the
 * bundled model, whose base was trained on faces already.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import type { ProgressListener } from '../base/progress';
import { readKerasH5 } from './keras-h5';
import { isLayersFolder, readLayersFolder } from './layers-folder';
import { mobileNetV2Shapes } from './mobilenet-shapes';
import { hashWeights, type NamedWeights, requireWeights } from './weights';

export interface PretrainedOptions {
  /** A tfjs LayersModel folder or a Keras .h5 file; without it, what `dataFolder` holds. */
  readonly weights?: string;
  /** Whether to fetch Keras's ImageNet weights where none are found. */
  readonly download: boolean;
  /** The project's data folder: `weights/` in it is the person's own, `model/` the bundled model. */
  readonly dataFolder: string;
  readonly onProgress?: ProgressListener;
}

export interface Pretrained {
  /** `bundled`: the base starts from the course's own trained model, and every page says so. */
  readonly kind: 'imagenet' | 'bundled';
  /** What to call them in figures and reports: "weights/mobilenet_v2_1.0_224_imagenet", "the bundled model". */
  readonly label: string;
  /** Of the base's names, shapes and values; the same whatever file they came in. */
  readonly sha256: string;
  /** Those of the base, folded, and no others. */
  readonly weights: NamedWeights;
}

/** Throws an InputError naming the file where the weights found do not fit, or where there are none at all. */
export async function resolvePretrained(options: PretrainedOptions): Promise<Pretrained> {
  const { weights, download, dataFolder, onProgress } = options;
  if (weights !== undefined) return readPretrained(weights, 'imagenet', path.basename(path.resolve(weights)));
  const found = findWeights(path.join(dataFolder, 'weights'));
  if (found) return readPretrained(found, 'imagenet', `data/${path.relative(dataFolder, found).split(path.sep).join('/')}`);
  if (download) {
    const { downloadWeights } = await import('../tools/download/weights');
    const file = await downloadWeights({ folder: path.join(dataFolder, 'weights'), onProgress });
    return readPretrained(file, 'imagenet', path.basename(file));
  }
  const bundled = path.join(dataFolder, 'model');
  if (isLayersFolder(bundled)) return readPretrained(bundled, 'bundled', 'the bundled model');
  throw new InputError(`No pretrained weights: none given with --weights, none in ${path.join(dataFolder, 'weights')}. ${FETCH}`);
}

/** The first folder with a model.json, or else the first .h5 file, by path, at most two folders deep. */
function findWeights(folder: string): string | undefined {
  const folders = [folder];
  for (const parent of [folder, ...subfolders(folder)]) folders.push(...subfolders(parent));
  const candidates = [...new Set(folders)].sort();
  const model = candidates.find(isLayersFolder);
  if (model) return model;
  return candidates.flatMap((candidate) => filesIn(candidate).filter((file) => isHdf5Name(file))).at(0);
}

async function readPretrained(source: string, kind: Pretrained['kind'], label: string): Promise<Pretrained> {
  const read = isHdf5Name(source) ? readKerasH5 : readLayersFolder;
  if (read === readLayersFolder && existsSync(source) && !statSync(source).isDirectory()) {
    throw new InputError(`${source}: neither a folder nor a .h5 file. Expected a tfjs LayersModel folder or a Keras .h5 file.`);
  }
  const weights = requireWeights(await read(source), mobileNetV2Shapes(), source);
  return { kind, label, sha256: hashWeights(weights), weights };
}

function isHdf5Name(file: string): boolean {
  return /\.(h5|hdf5)$/i.test(file);
}

function subfolders(folder: string): string[] {
  return entries(folder).filter((entry) => statSync(entry, { throwIfNoEntry: false })?.isDirectory());
}

function filesIn(folder: string): string[] {
  return entries(folder).filter((entry) => statSync(entry, { throwIfNoEntry: false })?.isFile());
}

function entries(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  return names.map((name) => path.join(folder, name));
}

const FETCH = 'Give a folder or a .h5 file, or run: npm run download -- weights';
