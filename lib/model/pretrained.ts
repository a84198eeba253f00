/** Where the base's first weights come from: what the person names, else what lies in data/weights, else the bundled model. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { findWeights, readLayersFolder } from './layers-folder';
import { mobileNetV2Shapes } from './mobilenet';
import { hashWeights, type NamedWeights, requireWeights } from './weights';

export interface PretrainedOptions {
  /**
   * A tfjs LayersModel folder, or the word `bundled`; without it, or as the word `download`, which was obeyed
   * before: what lies in `weights/`, else the bundled model.
   */
  readonly weights?: string;
  /** The project's data folder: `weights/` in it is the person's own, `model/` the bundled model. */
  readonly dataFolder: string;
}

export interface Pretrained {
  /** `bundled`: the base starts from the course's own trained model, which has learned faces, and every page says so. */
  readonly kind: 'imagenet' | 'bundled';
  /** What to call them in figures and reports: "weights/mobilenet_v2_1.0_224_imagenet", "the bundled model". */
  readonly label: string;
  /** Where its files lie. */
  readonly folder: string;
  /** Of the base's names, shapes and values; the same whatever file they came in. */
  readonly sha256: string;
  /** Those of the base, folded, and no others. */
  readonly weights: NamedWeights;
}

/** Throws an InputError naming the file where the weights found do not fit, or where there are none at all. */
export async function resolvePretrained({ weights, dataFolder }: PretrainedOptions): Promise<Pretrained> {
  const [own, bundled] = [path.join(dataFolder, 'weights'), path.join(dataFolder, 'model')];
  const named = weights !== undefined && weights !== 'bundled' && weights !== 'download';
  if (named) return readPretrained(weights, 'imagenet', path.basename(path.resolve(weights)));
  const { folders, kerasFiles } = findWeights(own);
  const [found, waiting] = weights === 'bundled' ? [] : [folders[0], kerasFiles[0]];
  if (found) return readPretrained(found, 'imagenet', `data/${path.relative(dataFolder, found).split(path.sep).join('/')}`);
  if (waiting) throw new InputError(`${waiting}: not imported yet. Run: npm run download -- weights (it needs no network for this).`);
  if (weights === 'bundled' || existsSync(path.join(bundled, 'model.json'))) return readPretrained(bundled, 'bundled', 'the bundled model');
  throw new InputError(
    `No pretrained weights: none given with --weights, none in ${own}. Give a folder, or run: npm run download -- weights`,
  );
}

async function readPretrained(folder: string, kind: Pretrained['kind'], label: string): Promise<Pretrained> {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    const offer = `--weights "${folder}" on the command line, or: npm run download -- weights --from "${folder}"`;
    throw new InputError(`${folder}: a file, expected a tfjs LayersModel folder. One is made of a Keras .h5 by ${offer}`);
  }
  const weights = requireWeights(await readLayersFolder(folder), mobileNetV2Shapes(), folder);
  return { kind, label, folder, sha256: hashWeights(weights), weights };
}
