/** What an epoch measured. The file `history.json` of a run is a list of these. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJson, writeJson } from '../base/files';
import type { Run } from '../run/run';
import { writeTensorBoard } from './tensorboard';

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

/** Makes `history.json`, and the files for TensorBoard, hold exactly these epochs. */
export async function writeHistory(run: Run, history: History): Promise<void> {
  await writeJson(path.join(run.folder, 'history.json'), history);
  await writeTensorBoard(run, history);
}

/** "Session 1, epoch 2: validation age MAE 9.31 years, gender accuracy 81.2 %, 1,204 images/s". */
export function describeEpoch({ session, epoch, validation, imagesPerSecond }: EpochRecord): string {
  const { ageMaeYears, genderAccuracy } = validation;
  const measures = `age MAE ${ageMaeYears.toFixed(2)} years, gender accuracy ${(100 * genderAccuracy).toFixed(1)} %`;
  return `Session ${session}, epoch ${epoch}: validation ${measures}, ${Math.round(imagesPerSecond).toLocaleString('en-US')} images/s`;
}
