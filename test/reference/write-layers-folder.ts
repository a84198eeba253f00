/** Writes weights as a tfjs LayersModel folder without a topology: enough for whoever reads only the weights. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NamedWeights } from '../../lib/model/weights';

export function writeLayersFolder(folder: string, weights: NamedWeights): void {
  mkdirSync(folder, { recursive: true });
  const entries = Object.entries(weights);
  const manifest = entries.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  const bytes = entries.map(([, { values }]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  writeFileSync(path.join(folder, 'weights.bin'), Buffer.concat(bytes));
  const model = { format: 'layers-model', modelTopology: {}, weightsManifest: [{ paths: ['weights.bin'], weights: manifest }] };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(model));
}
