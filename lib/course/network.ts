/** The run's network before any training, as notebook 2 looks at it. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { openEngine } from '../base/engine';
import type { Trainable } from '../config/config';
import type { FaceRecord } from '../data/record';
import { weightsOf } from '../graph/layers';
import { decodeRgb } from '../images/decode';
import { buildFaceModel, type FaceModel } from '../model/face-model';
import { openForward } from '../model/forward';
import { shapeSize } from '../model/weights';
import type { Prediction } from '../predict';
import { trainableLayers } from '../training/trainable';
import type { CourseRun } from './open-run';

/** The network as session 1 finds it: the pretrained base, and heads at zero. The caller disposes `full`. */
export async function buildNetwork(run: CourseRun): Promise<FaceModel> {
  await openEngine();
  return buildFaceModel(run.config.imageSizePx, run.pretrained.weights, run.config.ageHead);
}

/** Predicts records with heads that have learned nothing, in years by the run's scale. */
export async function predictWith(model: tf.LayersModel, run: CourseRun, records: readonly FaceRecord[]): Promise<Prediction[]> {
  const { source } = run.catalog;
  const images = await Promise.all(records.map(({ file }) => decodeRgb(path.join(source.folder, file), run.config.imageSizePx)));
  const forward = await openForward(model);
  try {
    return images.map((pixels) => {
      const [ages, genders] = forward.run(pixels);
      return { ageYears: ages[0] * run.scale.sdYears + run.scale.meanYears, femaleProbability: genders[1] };
    });
  } finally {
    forward.dispose();
  }
}

/** How many parameters a session trains. The years of a distribution's bins are weights that nobody trains. */
export function trainedParameters(model: tf.LayersModel, trainable: Trainable): number {
  const isTrained = trainableLayers(trainable);
  const layers = model.layers.filter((layer) => layer.trainable && isTrained(layer.name));
  return layers.flatMap(weightsOf).reduce((sum, { shape }) => sum + shapeSize(shape), 0);
}
