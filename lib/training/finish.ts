/** What a run leaves once it is trained: the model as a stock LayersModel in years, calibrated, its figures, and its sides by hash. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolderAtomically, readJson, writeJson } from '../base/files';
import type { PixelCache } from '../images/pixel-cache';
import { calibrateModel, halvesOf } from '../model/calibration';
import type { FaceModel } from '../model/face-model';
import { readWeights, writeWeights } from '../model/layer-weights';
import { type SplitHashes, saveModel, writeSplitHashes } from '../model/model-folder';
import { hashWeights } from '../model/weights';
import type { RunData } from '../run/data';
import { readProvenance } from '../run/provenance';
import { type Run, withoutPlaces } from '../run/run';
import { finishedHistory, finishedSession } from './checkpoint';
import { keptWeights } from './graph-step';
import { type Baselines, type EpochMetrics, writeHistory } from './history';
import { ageScaleOf, baselinesOf } from './metrics';

/** The file `metrics.json` of a run. */
export interface RunMetrics {
  /** Identity of the trained weights: equal seeds on equal machines give equal hashes. */
  readonly weightsSha256: string;
  /** The validation side after the last epoch. */
  readonly validation: EpochMetrics;
  readonly validationImages: number;
  readonly trainingImages: number;
  readonly baseline: Baselines;
  /** Of all epochs, validation left out. */
  readonly trainingSeconds: number;
  readonly peakMemoryBytes: number;
}

/** Writes `model/` and `metrics.json` of a run whose sessions are both finished, unless they are there already. `pixels` hold its faces. */
export async function finishRun(run: RunData, model: FaceModel, pixels: PixelCache): Promise<RunMetrics> {
  const known = finishedMetrics(run);
  if (known) return known;
  const { history, state } = finishedSession(run, 2);
  await writeHistory(run, history);
  writeWeights(model.full, keptWeights(state));
  const { training, validation } = run.split;
  const scale = ageScaleOf(run.config.ageScale, training);
  const baseline = baselinesOf(training, validation, scale);
  const metrics: RunMetrics = {
    weightsSha256: hashWeights(readWeights(model.full)),
    validation: history[history.length - 1].validation,
    validationImages: validation.length,
    trainingImages: training.length,
    baseline,
    trainingSeconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  const { meanAgeYears, medianAgeYears, majorityGender } = baseline;
  const facts = {
    sizePx: run.config.imageSizePx,
    baseline: { meanAgeYears, medianAgeYears, majorityGender },
    provenance: { run: run.name, config: withoutPlaces(run.config), ...readProvenance(run), weightsSha256: metrics.weightsSha256 },
  };
  const hashes: SplitHashes = { training: training.map(({ sha256 }) => sha256), validation: validation.map(({ sha256 }) => sha256) };
  const folder = path.join(run.folder, 'model');
  await rm(folder, { recursive: true, force: true });
  await makeFolderAtomically(folder, async (temporary) => {
    await saveModel(temporary, model, { scale, facts });
    await writeSplitHashes(temporary, hashes);
    await calibrateModel(temporary, halvesOf(validation, run.catalog, run.config.seed).calibrating, pixels);
  });
  await writeJson(path.join(run.folder, 'metrics.json'), metrics);
  return metrics;
}

/** What a run that is finished in every part measured; undefined where a session, the model or its figures are missing or old. */
export function finishedMetrics(run: Run): RunMetrics | undefined {
  const file = path.join(run.folder, 'metrics.json');
  const parts = [file, path.join(run.folder, 'model', 'model.json')];
  if (!parts.every(existsSync) || !finishedHistory(run, 1) || !finishedHistory(run, 2)) return undefined;
  const metrics = readJson<RunMetrics>(file);
  const { state } = finishedSession(run, 2);
  return metrics.weightsSha256 === hashWeights(keptWeights(state)) ? metrics : undefined;
}
