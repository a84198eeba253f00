/** A whole run without Jupyter: data, base, both sessions, model. Makes the run folder that the notebooks make. */
import { openEngine } from '../engine';
import { type Pretrained, resolvePretrained } from '../model/pretrained';
import type { ProgressListener } from '../progress';
import { projectPath } from '../project';
import { openRunData, type RunData } from '../run/data';
import { recordProvenance } from '../run/provenance';
import type { Run } from '../run/run';
import { finishRun, type RunMetrics } from './finish';
import { isFinished, openTraining, type SessionOptions, type TrainingGround, trainSession } from './session';

export interface TrainOptions extends SessionOptions {
  readonly acceptTerms?: boolean;
}

/** Everything a run needs before its first step; writes down which weights and engine it starts from. The caller disposes it. */
export async function openTrainingRun(run: Run, options: TrainOptions = {}): Promise<TrainingGround> {
  const data: RunData = await openRunData(run, options);
  const pretrained = await openPretrained(run, options.onProgress);
  const engine = await openEngine();
  const { kind, label, sha256 } = pretrained;
  await recordProvenance(run, { weights: { kind, label, sha256 }, engine: engine.description });
  return openTraining(run, data, pretrained, options.onProgress);
}

/** The base's first weights, as the run's configuration says. */
export async function openPretrained(run: Run, onProgress?: ProgressListener): Promise<Pretrained> {
  const { weights } = run.config;
  const download = weights === 'download';
  return resolvePretrained({
    weights: download ? undefined : (weights ?? undefined),
    download,
    dataFolder: projectPath('data'),
    onProgress,
  });
}

/** Trains what is not trained yet: a run that was stopped goes on after its last whole epoch. */
export async function train(run: Run, options: TrainOptions = {}): Promise<RunMetrics> {
  const ground = await openTrainingRun(run, options);
  try {
    for (const session of [1, 2] as const) {
      if (!isFinished(run, session)) await trainSession(ground, session, options);
    }
    return await finishRun(ground);
  } finally {
    ground.dispose();
  }
}
