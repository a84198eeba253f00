/** Calibrates the age intervals of a saved model by half of the faces that it was judged by; the other half then judges them. */
import type { Catalog, FaceRecord } from '../data/record';
import { splitRecords } from '../data/split';
import type { PixelCache } from '../images/pixel-cache';
import { openForward } from './forward';
import { calibrate, quantilesOf, type Years } from './interval';
import { loadModel, readSplitHashes, writeFacts, writeSplitHashes } from './model-folder';

const BATCH = 32;

/** The validation side in halves, by the rules of the split: no near copies or groups astride, ages and genders mixed alike. */
export function halvesOf(validation: readonly FaceRecord[], { clusters }: Pick<Catalog, 'clusters'>, seed: number) {
  const halves = splitRecords({ records: validation, clusters }, { seed, validationShare: 0.5 });
  return { calibrating: halves.training, judging: halves.validation };
}

/** Calibrates the model in `folder` by these faces of its validation side, and names them there; too few give no intervals. */
export async function calibrateModel(folder: string, calibrating: readonly FaceRecord[], pixels: PixelCache): Promise<void> {
  const { facts, model } = await loadModel(folder);
  const forward = await openForward(model, calibrating.length / BATCH);
  const quantiles: Years[] = [];
  for (let first = 0; first < calibrating.length; first += BATCH) {
    const [ages, , distributions] = forward.run(pixels.read(calibrating.slice(first, first + BATCH)));
    quantiles.push(...quantilesOf(ages, distributions));
  }
  forward.dispose();
  model.dispose();
  const ageIntervals = calibrate(calibrating, quantiles);
  await writeFacts(folder, { ...facts, ageIntervals });
  await writeSplitHashes(folder, { ...readSplitHashes(folder), calibration: ageIntervals ? calibrating.map(({ sha256 }) => sha256) : [] });
}
