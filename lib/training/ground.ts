/** What all sessions of a run share: its faces as packed pixels, the network with the base's first weights, the unit of age. */

import { EagerStep } from '../../test/reference/eager-step';
import { openEngine } from '../base/engine';
import { InputError } from '../base/errors';
import type { ProgressListener } from '../base/progress';
import type { SessionPlan } from '../config';
import { type PackedImages, packImages } from '../images/pixel-cache';
import { buildFaceModel, type FaceModel } from '../model/face-model';
import type { RunData } from '../run/data';
import type { Run } from '../run/run';
import { GraphStep } from './graph-step';
import { type AgeScale, ageScaleOf } from './metrics';
import type { StepRecipe, TrainingStep } from './step';
import { trainableLayers } from './trainable';

/** The caller disposes it. */
export interface TrainingGround {
  readonly run: Run;
  readonly data: RunData;
  readonly images: PackedImages;
  readonly model: FaceModel;
  readonly scale: AgeScale;
  dispose(): void;
}

/** Packs the images and builds the network from the pretrained base. */
export async function openTraining(run: Run, data: RunData, onProgress?: ProgressListener): Promise<TrainingGround> {
  await openEngine({ training: true });
  const { imageSizePx, ageHead, ageScale } = run.config;
  const images = await packImages(data.catalog.source.folder, data.catalog.records, imageSizePx, onProgress);
  const model = buildFaceModel(imageSizePx, data.pretrained.weights, ageHead);
  const scale = ageScaleOf(ageScale, data.split.training);
  const dispose = () => {
    images.close();
    model.full.dispose();
  };
  return { run, data, images, model, scale, dispose };
}

/** The compiled graph where the engine is native, else the layers themselves, which train heads only. */
export async function openStep(
  model: FaceModel['full'],
  { trainable }: Pick<SessionPlan, 'trainable'>,
  recipe: StepRecipe,
): Promise<TrainingStep> {
  const layers = trainableLayers(trainable);
  const engine = await openEngine();
  if (engine.kind === 'native') return new GraphStep(model, layers, recipe);
  if (trainable !== 'heads') {
    throw new InputError(
      `trainable "${trainable}": the ${engine.description} engine trains "heads" only. Run npm run doctor to get the native one.`,
    );
  }
  return new EagerStep(model, layers, recipe);
}
