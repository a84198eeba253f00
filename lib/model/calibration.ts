/** Calibrates a saved model by half of the faces that it was judged by: its age intervals, and how sure it is of a gender. The other half then judges that. */
import { inBatches } from '../base/parallel';
import type { Catalog, FaceRecord } from '../data/record';
import { splitRecords } from '../data/split';
import type { PixelCache } from '../images/pixel-cache';
import { openForward } from './forward';
import { calibrate, quantilesOf, type Years } from './interval';
import { readWeights, writeWeights } from './layer-weights';
import { loadModel, readSplitHashes, type SaveOptions, saveModel, withScaledHead, writeSplitHashes } from './model-folder';
import { temperatureOf } from './temperature';

const BATCH = 32;

/** The validation side in halves, by the rules of the split: no near copies or groups astride, ages and genders mixed alike. */
export function halvesOf(validation: readonly FaceRecord[], { clusters }: Pick<Catalog, 'clusters'>, seed: number) {
  const halves = splitRecords({ records: validation, clusters }, { seed, validationShare: 0.5 });
  return { calibrating: halves.training, judging: halves.validation };
}

/** Calibrates the model in `folder` by these faces of its validation side, and names them there; too few change nothing. It is packed as `saveModel` does. */
export async function calibrateModel(
  folder: string,
  calibrating: readonly FaceRecord[],
  pixels: PixelCache,
  float16?: SaveOptions['float16'],
): Promise<void> {
  const { facts, model } = await loadModel(folder);
  const forward = await openForward(model);
  const predicted: number[] = [];
  const quantiles: Years[] = [];
  const females: number[] = [];
  for (const batch of inBatches(calibrating, BATCH)) {
    const [ages, said, distributions] = await forward.run(pixels.read(batch));
    predicted.push(...ages);
    quantiles.push(...quantilesOf(ages, distributions));
    females.push(...said.filter((_, index) => index % 2 === 1));
  }
  forward.dispose();
  const ageIntervals = calibrate(calibrating, quantiles, predicted);
  const genders = calibrating.map(({ gender }) => gender);
  const temperature = temperatureOf(females, genders);
  writeWeights(model, withScaledHead(readWeights(model), 'gender', 1 / temperature));
  const genderTemperature = temperature * (facts.genderTemperature ?? 1);
  await saveModel(folder, { full: model }, { facts: { ...facts, ageIntervals, genderTemperature }, float16 });
  model.dispose();
  await writeSplitHashes(folder, { ...readSplitHashes(folder), calibration: ageIntervals ? calibrating.map(({ sha256 }) => sha256) : [] });
}
