/** Makes of a Keras file, once, what the library takes: a tfjs LayersModel folder. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolderAtomically, sweepHalfWritten } from '../../base/files';
import { mobileNetV2Shapes } from '../../model/mobilenet';
import { type NamedWeights, requireWeights } from '../../model/weights';
import { readHdf5Bytes, readKerasH5 } from './keras-h5';

/**
 * Writes the MobileNetV2 in a Keras `.h5` file, folded, as a folder in `place` and answers its path, which bears the file's
 * name and what its content hashes to: found again there, nothing is written. Throws an InputError naming the file where it
 * cannot be read or holds no whole MobileNetV2 of width 1.0.
 */
export async function importKerasWeights(file: string, place: string): Promise<string> {
  const sha256 = createHash('sha256')
    .update(await readHdf5Bytes(file))
    .digest('hex');
  const name = path.basename(file).replace(/(\.weights)?\.[^.]*$/i, '');
  const folder = path.join(place, `${name}-${sha256.slice(0, 8)}`);
  if (existsSync(path.join(folder, 'model.json'))) return folder;
  const weights = requireWeights(await readKerasH5(file), mobileNetV2Shapes(), file);
  await sweepHalfWritten(place);
  await makeFolderAtomically(folder, async (temporary) => writeLayersFolder(temporary, weights));
  return folder;
}

/** Writes weights as a tfjs LayersModel folder without a topology: enough for whoever reads only the weights. */
export function writeLayersFolder(folder: string, weights: NamedWeights): void {
  mkdirSync(folder, { recursive: true });
  const entries = Object.entries(weights);
  const manifest = entries.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  const bytes = entries.map(([, { values }]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  writeFileSync(path.join(folder, 'weights.bin'), Buffer.concat(bytes));
  const model = { format: 'layers-model', modelTopology: {}, weightsManifest: [{ paths: ['weights.bin'], weights: manifest }] };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(model));
}
