/** A whole run without Jupyter: data, base, both sessions, model. Makes the run folder that the notebooks make. */
import { openEngine } from '../engine';
import { type DataOptions, openRunData } from '../run/data';
import { recordProvenance } from '../run/provenance';
import type { Run } from '../run/run';
import { finishRun, type RunMetrics } from './finish';
import { openTraining, type TrainingGround } from './ground';
import { type SessionOptions, trainSession } from './session';
import { isFinished } from './session-state';

export type TrainOptions = SessionOptions & DataOptions;

/** Everything a run needs before its first step. The caller disposes it. */
export async function openTrainingRun(run: Run, options: TrainOptions = {}): Promise<TrainingGround> {
  const engine = await openEngine();
  const data = await openRunData(run, options);
  await recordProvenance(run, { engine: engine.description });
  return openTraining(run, data, options.onProgress);
}

/** Trains what is not trained yet: a run that was stopped goes on where it was left. */
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
