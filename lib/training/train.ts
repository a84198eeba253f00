/** A whole run without Jupyter: data, base, both sessions, model. Makes the run folder that the notebooks make. */
import path from 'node:path';
import { openEngine } from '../base/engine';
import { sweepHalfWritten } from '../base/files';
import { projectPath } from '../base/project';
import type { RunData } from '../run/data';
import { recordTraining } from '../run/provenance';
import { lockRun } from '../run/run';
import { finishRun, type RunMetrics } from './finish';
import { openTraining, type TrainingGround } from './ground';
import type { History } from './history';
import { stoppableProgress } from './interrupt';
import { trainSession } from './session';
import { finishedHistory } from './session-state';
import type { SessionOptions } from './stage';

/** Everything a run needs before its first step; nobody else can train it until the caller disposes it. */
export async function openTrainingRun(run: RunData, options: SessionOptions = {}): Promise<TrainingGround> {
  const release = await lockRun(run);
  try {
    const ground = await openLockedRun(run, options);
    const dispose = () => {
      ground.dispose();
      release();
    };
    return { ...ground, dispose };
  } catch (error) {
    release();
    throw error;
  }
}

async function openLockedRun(run: RunData, options: SessionOptions): Promise<TrainingGround> {
  const onProgress = stoppableProgress(options.onProgress, options.signal, run);
  await sweepHalfWritten(run.folder);
  await sweepHalfWritten(path.join(run.folder, 'checkpoints'));
  await sweepHalfWritten(projectPath('data', 'cache'));
  const engine = await openEngine({ training: true });
  await recordTraining(run, engine.description);
  return openTraining(run, run, onProgress);
}

/** A session's epochs: those it has where it is finished, else as `trainSession` trains them. */
export async function trainOnce(ground: TrainingGround, session: 1 | 2, options: SessionOptions = {}): Promise<History> {
  return finishedHistory(ground.run, session) ?? trainSession(ground, session, options);
}

/** Trains what is not trained yet: a run that was stopped goes on where it was left. */
export async function train(run: RunData, options: SessionOptions = {}): Promise<RunMetrics> {
  const ground = await openTrainingRun(run, options);
  try {
    for (const session of [1, 2] as const) await trainOnce(ground, session, options);
    return await finishRun(ground);
  } finally {
    ground.dispose();
  }
}
