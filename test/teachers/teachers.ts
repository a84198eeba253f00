/** Trains the teachers, each a run of its own that goes on where it was left, and lets each answer for the faces that it has not seen. */
import path from 'node:path';
import { writeFileAtomically } from '../../lib/base/files';
import { inBatches } from '../../lib/base/parallel';
import { projectPath } from '../../lib/base/project';
import { FOLDS, overlaid, type Settings } from '../../lib/config';
import { mean } from '../../lib/data/bands';
import { type FaceRecord, genderOf, shortHash } from '../../lib/data/record';
import { selectionSplit, splitRecords } from '../../lib/data/split';
import { HEADER, type TeachersAnswer } from '../../lib/data/teachers';
import { openPixelCache } from '../../lib/images/pixel-cache';
import type { Prediction } from '../../lib/predict/answer';
import { openPredictor } from '../../lib/predict/open-predictor';
import { type RunData, startRun } from '../../lib/run/data';
import { type TrainOptions, train } from '../../lib/training/trainer';

/**
 * The recipe `best`, smaller and shorter, from labels alone, on the pictures as their cameras took them: nobody asks a teacher about
 * others. Gender labels are smoothed little: a teacher that is never sure has little to tell.
 */
export const TEACHER: Settings = {
  preset: 'best',
  imageSize: 160,
  epochs: 7,
  objective: { genderSmoothing: 0.02 },
  coolDown: { epochs: 2, learningRate: 1e-4 },
  augmentation: { cropPx: 144, contrast: 0.25, brightness: 0.1, stretch: 0, grey: 0, gamma: 0, cast: 0, camera: 0 },
};

export interface TeachOptions extends TrainOptions {
  /** Data, weights, seed and limit, the same for every teacher. */
  readonly settings: Pick<Settings, 'data' | 'weights' | 'seed' | 'limit' | 'epochs'>;
  readonly onTeacher?: (fold: number, of: number) => void;
}

export interface Taught {
  readonly file: string;
  /** On the faces that each has not seen, all folds together. */
  readonly genderAccuracy: number;
  readonly faces: number;
}

/** Trains what is not trained yet, and writes `outputs/teachers/answers-seed-<seed>.csv`. */
export async function teach({ settings, onTeacher, ...options }: TeachOptions): Promise<Taught> {
  const answers: (readonly [FaceRecord, TeachersAnswer])[] = [];
  const ofOthers = new Map<string, number[]>(); // by hash, what every teacher says of the faces that none has seen
  const seed = settings.seed ?? 1;
  for (const [index, judgedBy] of FOLDS.entries()) {
    const fold = index + 1;
    const run = await startRun({ ...overlaid(TEACHER, settings), judgedBy }, `teachers/fold-${fold}-seed-${seed}`, options.onProgress);
    await train(run, options);
    const others = unseenByAll(run);
    const said = await answersOf(run, [...run.split.validation, ...others], options);
    for (const [face, record] of run.split.validation.entries()) answers.push([record, { fold, femaleProbability: said[face] }]);
    for (const [face, { sha256 }] of others.entries()) {
      ofOthers.set(sha256, [...(ofOthers.get(sha256) ?? []), said[run.split.validation.length + face]]);
    }
    onTeacher?.(fold, FOLDS.length);
  }
  const file = projectPath('outputs', 'teachers', `answers-seed-${seed}.csv`);
  const means = [...ofOthers].map(([sha256, said]) => [{ sha256 }, { fold: 0, femaleProbability: mean(said) }] as const);
  await writeTeachers(file, [...answers, ...means]);
  const isRight = ([{ gender }, { femaleProbability }]: (typeof answers)[number]) => Number(genderOf(femaleProbability) === gender);
  return { file, faces: answers.length, genderAccuracy: mean(answers.map(isRight)) };
}

/** The tenth by which students are chosen: no teacher learns from it. */
function unseenByAll({ catalog, config: { seed, validationShare } }: RunData): readonly FaceRecord[] {
  return selectionSplit(splitRecords(catalog, { seed, validationShare }), catalog, { seed }).validation;
}

const BATCH = 32;

/** Female with which probability: the mean of what the run's model says of each face and of its mirror image. */
async function answersOf(run: RunData, faces: readonly FaceRecord[], { onProgress }: TrainOptions): Promise<number[]> {
  const predictor = await openPredictor(path.join(run.folder, 'model'));
  const pixels = await openPixelCache(run.catalog.source.folder, run.catalog.records, predictor.facts.sizePx, onProgress);
  const said: Prediction[] = [];
  for (const batch of inBatches(faces, BATCH)) said.push(...(await predictor.predictMirrored(pixels.read(batch))).flipAveraged);
  predictor.dispose();
  pixels.close();
  return said.map(({ femaleProbability }) => femaleProbability);
}

export async function writeTeachers(
  file: string,
  answers: readonly (readonly [Pick<FaceRecord, 'sha256'>, TeachersAnswer])[],
): Promise<void> {
  const rows = answers.map(([{ sha256 }, { fold, femaleProbability }]) =>
    [shortHash(sha256), fold, femaleProbability.toFixed(4)].join(','),
  );
  await writeFileAtomically(file, `${[HEADER, ...rows.sort()].join('\n')}\n`);
}
