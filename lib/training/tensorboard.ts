/**
 * A run's history for TensorBoard: `tensorboard --logdir outputs/<run>/tensorboard`. Made from the history and from nothing
 * else, so that a run which was stopped and went on shows every epoch once.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { explained, writeFileAtomically } from '../base/files';
import type { Run } from '../run/run';
import { eventFile, type ScalarEvent } from './event-file';
import type { EpochMetrics, EpochRecord, History } from './history';

const SIDES = ['training', 'validation'] as const;
const EVENT_FILE = /^events\.out\.tfevents\.(\d+)\.course$/;

/**
 * Brings `tensorboard/training` and `tensorboard/validation` of the run's folder level with the history. Each side has a
 * folder, so that TensorBoard lays their curves over each other. Steps are epochs, counted on through both sessions; the
 * time axis leaves pauses out.
 */
export async function writeTensorBoard(run: Pick<Run, 'folder'>, history: History): Promise<void> {
  for (const side of SIDES) await writeSide(path.join(run.folder, 'tensorboard', side), history, side);
}

/** Where the file is the beginning of what it should be, the rest is appended: TensorBoard follows a file that it has open. */
async function writeSide(folder: string, history: History, side: (typeof SIDES)[number]): Promise<void> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => EVENT_FILE.test(name)) : [];
  if (names.length === 1) {
    const file = path.join(folder, names[0]);
    const [present, wanted] = [readFileSync(file), contentOf(history, side, Number(EVENT_FILE.exec(names[0])?.[1]))];
    if (present.equals(wanted.subarray(0, present.length))) {
      return appendFile(file, wanted.subarray(present.length)).catch((error: unknown) => Promise.reject(explained(error, file)));
    }
  }
  const trainedSeconds = history.reduce((sum, { seconds }) => sum + seconds, 0);
  const startSeconds = Math.floor(Date.now() / 1000 - trainedSeconds);
  const name = `events.out.tfevents.${startSeconds}.course`;
  await writeFileAtomically(path.join(folder, name), contentOf(history, side, startSeconds));
  for (const old of names) if (old !== name) rmSync(path.join(folder, old), { force: true });
}

function contentOf(history: History, side: (typeof SIDES)[number], startSeconds: number): Uint8Array {
  let wallTimeSeconds = startSeconds;
  const events = history.map((record, index): ScalarEvent => {
    wallTimeSeconds += record.seconds;
    return {
      wallTimeSeconds,
      step: index + 1,
      scalars: { ...metricScalars(record[side]), ...(side === 'training' ? paceOf(record) : {}) },
    };
  });
  return eventFile(startSeconds, events);
}

function metricScalars({ loss, ageLoss, genderLoss, ageMaeYears, genderAccuracy }: EpochMetrics): ScalarEvent['scalars'] {
  return { loss, age_loss: ageLoss, gender_loss: genderLoss, age_mae_years: ageMaeYears, gender_accuracy: genderAccuracy };
}

function paceOf({ learningRate, imagesPerSecond }: EpochRecord): ScalarEvent['scalars'] {
  return { learning_rate: learningRate, images_per_second: imagesPerSecond };
}
