/** What an epoch measured. The file `history.json` of a run is a list of these; TensorBoard shows them too. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJson, writeJson } from '../base/files';
import type { Run } from '../run/run';
import { writeEvents } from './tensorboard';

export interface EpochMetrics {
  /** ageLoss + genderLoss. The plain objective minimises it; other objectives are watched by the same measure. */
  readonly loss: number;
  /** Mean squared error of age, in the unit the head learns in (standard deviations, or years squared). */
  readonly ageLoss: number;
  /** Sparse categorical cross-entropy of gender, in nats. */
  readonly genderLoss: number;
  readonly ageMaeYears: number;
  /** In [0, 1]. */
  readonly genderAccuracy: number;
}

export interface EpochRecord {
  /** 1 or 2. */
  readonly session: number;
  /** Counted from 1 within the session. */
  readonly epoch: number;
  /** Averages over the epoch's steps, while the weights moved. */
  readonly training: EpochMetrics;
  /** Measured after the epoch. */
  readonly validation: EpochMetrics;
  /** At the epoch's last step. */
  readonly learningRate: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

export type History = readonly EpochRecord[];

/** What is reached without looking at a face, by the training side's best constant answers, on the validation side. */
export interface Baselines {
  /** The constant answer where the error is squared. */
  readonly meanAgeYears: number;
  /** The constant answer where the error is absolute. */
  readonly medianAgeYears: number;
  readonly majorityGender: 0 | 1;
  /** Of always answering the median. */
  readonly ageMaeYears: number;
  /** Of always answering the more frequent gender. */
  readonly genderAccuracy: number;
  /** Of always answering the mean and the share of each gender, in the units of EpochMetrics. */
  readonly ageLoss: number;
  readonly genderLoss: number;
}

/** The epochs that a run has on disk; none before its first. */
export function readHistory({ folder }: Pick<Run, 'folder'>): History {
  const file = path.join(folder, 'history.json');
  return existsSync(file) ? readJson(file) : [];
}

/**
 * Makes `history.json` hold exactly these epochs, and so `tensorboard/training` and `tensorboard/validation`, the curves for
 * `tensorboard --logdir outputs/<run>/tensorboard`: each side has a folder, so that they are laid over each other. Steps are
 * epochs, counted on through both sessions; the time axis is that of training alone, pauses left out.
 */
export async function writeHistory({ folder }: Pick<Run, 'folder'>, history: History): Promise<void> {
  await writeJson(path.join(folder, 'history.json'), history);
  for (const side of ['training', 'validation'] as const) {
    let wallTimeSeconds = 0;
    const events = history.map((record, index) => {
      wallTimeSeconds += record.seconds;
      const { loss, ageLoss, genderLoss, ageMaeYears, genderAccuracy } = record[side];
      const metrics = { loss, age_loss: ageLoss, gender_loss: genderLoss, age_mae_years: ageMaeYears, gender_accuracy: genderAccuracy };
      const pace = { learning_rate: record.learningRate, images_per_second: record.imagesPerSecond };
      return { wallTimeSeconds, step: index + 1, scalars: side === 'training' ? { ...metrics, ...pace } : metrics };
    });
    await writeEvents(path.join(folder, 'tensorboard', side), events);
  }
}
