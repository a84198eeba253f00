/**
 * A detector unlike the first (SSD on MobileNetV1, trained on WIDER FACE, from `@vladmandic/face-api`), asked about faces that
 * the mesh cannot be laid on: in profile, or behind a hand. It is slow, and takes some cats for people; what both see is a face.
 */
import * as tf from '@tensorflow/tfjs';
import { cut, type Photo } from '../images/photo';
import type { Box } from './box';

const SIZE_PX = 512;
/** It was trained on small faces: it sees a large one better with the photo in the middle of a canvas twice its size. */
const CANVAS = 2;

export type SecondOpinion = (photo: Photo) => Promise<readonly { readonly box: Box; readonly score: number }[]>;

/** What is used of the package, which has a file of its own for each platform. */
export interface FaceApi {
  readonly SsdMobilenetv1Options: new (options: { readonly minConfidence: number }) => unknown;
  readonly nets: {
    readonly ssdMobilenetv1: {
      loadFromWeightMap(weights: tf.NamedTensorMap): void;
      locateFaces(input: tf.Tensor, options: unknown): Promise<readonly { readonly relativeBox: Box; readonly score: number }[]>;
    };
  };
}

/** The answer keeps the weights in memory as long as the program lives. */
export function secondOpinion(api: FaceApi, { weightData = [], weightSpecs = [] }: tf.io.ModelArtifacts): SecondOpinion {
  api.nets.ssdMobilenetv1.loadFromWeightMap(tf.io.decodeWeights(weightData, weightSpecs));
  return async (photo) => {
    const { widthPx, heightPx } = photo;
    const sidePx = CANVAS * Math.max(widthPx, heightPx);
    const window = { x: widthPx / 2, y: heightPx / 2, sidePx, turn: 0 };
    const input = tf.tensor3d(cut(photo, window, SIZE_PX), [SIZE_PX, SIZE_PX, 3], 'int32');
    const found = await api.nets.ssdMobilenetv1.locateFaces(input, new api.SsdMobilenetv1Options({ minConfidence: 0.1 }));
    input.dispose();
    return found.map(({ relativeBox: { x, y, width, height }, score }) => {
      const [left, top] = [x * sidePx + window.x - sidePx / 2, y * sidePx + window.y - sidePx / 2];
      return { box: { x: left, y: top, width: width * sidePx, height: height * sidePx }, score };
    });
  };
}
