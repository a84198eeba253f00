/** Trains the teachers, each a run of its own that goes on where it was left, and lets each answer for the faces that it has not seen. */
import path from 'node:path';
import { writeFileAtomically } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import { FOLDS, overlaid, type Settings } from '../../lib/config';
import { mean } from '../../lib/data/bands';
import { type FaceRecord, genderOf, shortHash } from '../../lib/data/record';
import { selectionSplit, splitRecords } from '../../lib/data/split';
import { HEADER, type TeachersAnswer } from '../../lib/data/teachers';
import { mirror } from '../../lib/images/augment';
import { openPixelCache } from '../../lib/images/pixel-cache';
import { AGE_BINS } from '../../lib/model/face-model';
import { openForward } from '../../lib/model/forward';
import { loadModel } from '../../lib/model/model-folder';
import { PRESETS } from '../../lib/presets';
import { type RunData, startRun } from '../../lib/run/data';
import { type TrainOptions, train } from '../../lib/training/trainer';

/**
 * The recipe `best`, smaller and shorter, from labels alone, on the pictures as their cameras took them: nobody asks a teacher about
 * others. Gender labels are smoothed little: a teacher that is never sure has little to tell.
 */
export const TEACHER: Settings = {
  preset: 'best',
  teachers: 'none',
  imageSize: 160,
  epochs: 7,
  objective: { genderSmoothing: 0.02, teaching: 0 },
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
  readonly ageMaeYears: number;
  readonly genderAccuracy: number;
  readonly faces: number;
}

/** What one teacher says of one face: the age's distribution and the probability of female. */
interface Said {
  readonly bins: Float32Array;
  readonly female: number;
}

/** Trains what is not trained yet, and writes `outputs/teachers/answers-seed-<seed>.csv`. */
export async function teach({ settings, onTeacher, ...options }: TeachOptions): Promise<Taught> {
  const answers: (readonly [FaceRecord, TeachersAnswer])[] = [];
  const ofOthers = new Map<string, Said[]>(); // by hash, what every teacher says of the faces that none has seen
  const seed = settings.seed ?? 1;
  for (const [index, judgedBy] of FOLDS.entries()) {
    const fold = index + 1;
    const run = await startRun({ ...overlaid(TEACHER, settings), judgedBy }, `teachers/fold-${fold}-seed-${seed}`, options.onProgress);
    await train(run, options);
    const others = unseenByAll(run);
    const said = await answersOf(run, [...run.split.validation, ...others], options);
    for (const [index, record] of run.split.validation.entries()) answers.push([record, answerFrom(fold, [said[index]])]);
    for (const [index, record] of others.entries()) {
      ofOthers.set(record.sha256, [...(ofOthers.get(record.sha256) ?? []), said[run.split.validation.length + index]]);
    }
    onTeacher?.(fold, FOLDS.length);
  }
  const file = projectPath('outputs', 'teachers', `answers-seed-${seed}.csv`);
  await writeTeachers(file, [...answers, ...[...ofOthers].map(([sha256, said]) => [{ sha256 }, answerFrom(0, said)] as const)]);
  return {
    file,
    faces: answers.length,
    ageMaeYears: mean(answers.map(([{ ageYears }, answer]) => Math.abs(answer.ageYears - ageYears))),
    genderAccuracy: mean(answers.map(([{ gender }, answer]) => Number(genderOf(answer.femaleProbability) === gender))),
  };
}

/** The tenth by which students are chosen: no teacher learns from it. */
function unseenByAll({ catalog, config: { seed, validationShare } }: RunData): readonly FaceRecord[] {
  return selectionSplit(splitRecords(catalog, { seed, validationShare }), catalog, { seed }).validation;
}

const BATCH = 32;
const TEMPERATURE = PRESETS.best.objective.ageTemperature;

/** The mean of what the run's model says of each face and of its mirror image. */
async function answersOf(run: RunData, faces: readonly FaceRecord[], { onProgress }: TrainOptions): Promise<Said[]> {
  const { facts, model } = await loadModel(path.join(run.folder, 'model'));
  const pixels = await openPixelCache(run.catalog.source.folder, run.catalog.records, facts.sizePx, onProgress);
  const forward = await openForward(model);
  const said: Said[] = [];
  for (let first = 0; first < faces.length; first += BATCH) {
    const images = pixels.read(faces.slice(first, first + BATCH));
    const asTheyAre = forward.run(images);
    mirror(images, facts.sizePx);
    const mirrored = forward.run(images);
    const [genders, bins] = [1, 2].map((output) => asTheyAre[output].map((value, at) => (value + mirrored[output][at]) / 2));
    for (let face = 0; face < genders.length / 2; face++) {
      said.push({ bins: bins.slice(face * AGE_BINS, (face + 1) * AGE_BINS), female: genders[2 * face + 1] });
    }
  }
  forward.dispose();
  model.dispose();
  pixels.close();
  return said;
}

/** The mean of what teachers say, as a student is taught it: its distribution has the spread that labels have at the student's temperature. */
function answerFrom(fold: number, said: readonly Said[]): TeachersAnswer {
  const bins = said[0].bins.map((_, year) => mean(said.map((one) => one.bins[year])));
  const ageYears = expected(bins);
  const tempered = bins.map((share) => share ** (1 / TEMPERATURE));
  const total = tempered.reduce((sum, share) => sum + share, 0);
  const taught = tempered.map((share) => share / total);
  const middle = expected(taught);
  const ageSdYears = Math.sqrt(taught.reduce((sum, share, year) => sum + share * (year - middle) ** 2, 0));
  return { fold, ageYears, ageSdYears, femaleProbability: mean(said.map(({ female }) => female)) };
}

function expected(bins: Float32Array): number {
  return bins.reduce((sum, share, year) => sum + share * year, 0);
}

export async function writeTeachers(
  file: string,
  answers: readonly (readonly [Pick<FaceRecord, 'sha256'>, TeachersAnswer])[],
): Promise<void> {
  const rows = answers.map(([{ sha256 }, { fold, ageYears, ageSdYears, femaleProbability }]) =>
    [shortHash(sha256), fold, ageYears.toFixed(2), ageSdYears.toFixed(2), femaleProbability.toFixed(4)].join(','),
  );
  await writeFileAtomically(file, `${[HEADER, ...rows.sort()].join('\n')}\n`);
}
