/** The faces that a saved model was judged by. */
import assert from 'node:assert/strict';
import { type Catalog, type FaceRecord, shortHash } from '../lib/data/record';
import { readSplitHashes } from '../lib/model/model-folder';

export function validationSide(modelFolder: string, { records }: Pick<Catalog, 'records'>): readonly FaceRecord[] {
  const hashes = new Set(readSplitHashes(modelFolder).validation);
  const validation = records.filter(({ sha256 }) => hashes.has(shortHash(sha256)));
  assert.equal(validation.length, hashes.size, `the data has to be that which the model in ${modelFolder} was made from`);
  return validation;
}
