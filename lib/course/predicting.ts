/** Notebook 6: the trained model, the reader's own images, and the model on validation faces. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { projectPath } from '../base/project';
import type { ScoredFace } from '../evaluate';
import type { PredictionPoint } from '../figures/prediction';
import { findImages } from '../images/find';
import { faceCardHtml, type ImageCell, imageGridHtml } from '../pages/images';
import { describePrediction, type ImagePrediction, openPredictor, type Predictor } from '../predict';
import type { CourseRun } from './open-run';
import { faceCell, labelText } from './pictures';

export interface TrainedModel {
  readonly folder: string;
  /** "the model of run demo-…", "the model that comes with the course". */
  readonly label: string;
  /** The caller disposes it. */
  readonly predictor: Predictor;
}

/**
 * The run's own model where session 2 is trained, else the one that comes with the course; the latter, too, for photos
 * where the run has only seen drawn faces.
 */
export async function openTrainedModel(run: CourseRun, what: 'photos' | 'faces of the run'): Promise<TrainedModel> {
  const own = path.join(run.folder, 'model');
  const useOwn = existsSync(own) && !(what === 'photos' && run.drawn);
  const folder = useOwn ? own : projectPath('data', 'model');
  const label = useOwn ? `the model of run ${run.name}` : 'the model that comes with the course';
  return { folder, label, predictor: await openPredictor(folder) };
}

/** Every image in `data/my image/`. */
export function myImages(): Promise<string[]> {
  return findImages([projectPath('data', 'my image')]);
}

/** A photo with its predicted age and gender beside it. Photos that the reader puts there count as photos of people. */
export async function faceCard(prediction: ImagePrediction, { facts }: Predictor): Promise<string> {
  return faceCardHtml({
    picture: await photoCell(prediction.file, path.basename(prediction.file), 336),
    predictedAgeYears: prediction.ageYears,
    femaleProbability: prediction.femaleProbability,
    baselineAgeYears: facts.baseline.meanAgeYears,
  });
}

/** Several predicted photos as a grid. */
export async function photoGrid(predictions: readonly ImagePrediction[]): Promise<string> {
  return imageGridHtml(await Promise.all(predictions.map((one) => photoCell(one.file, describePrediction(one), 336))), 168);
}

/** Scored faces as a grid: predicted above annotated. */
export async function scoredGrid(run: CourseRun, scored: readonly ScoredFace[]): Promise<string> {
  const cells = scored.map(({ record, prediction }) =>
    faceCell(run, record, `${describePrediction(prediction)}\nannotated ${labelText(record)}`),
  );
  return imageGridHtml(await Promise.all(cells));
}

/** Scored faces as the figures of predictions take them. */
export function pointsOf(scored: readonly ScoredFace[]): PredictionPoint[] {
  return scored.map(({ record, prediction }) => ({
    trueAgeYears: record.ageYears,
    predictedAgeYears: prediction.ageYears,
    trueGender: record.gender,
    femaleProbability: prediction.femaleProbability,
  }));
}

/** The faces from the smallest error in years to the largest. */
export function byAgeError(scored: readonly ScoredFace[]): ScoredFace[] {
  const errorYears = ({ record, prediction }: ScoredFace) => Math.abs(prediction.ageYears - record.ageYears);
  return [...scored].sort((a, b) => errorYears(a) - errorYears(b));
}

async function photoCell(file: string, caption: string, heightPx: number): Promise<ImageCell> {
  const jpeg = await sharp(file).autoOrient().resize({ height: heightPx, width: heightPx, fit: 'cover' }).jpeg({ quality: 85 }).toBuffer();
  return { jpeg, caption, faces: true };
}
