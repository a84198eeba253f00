/**
 * A detector unlike the first (SSD on MobileNetV1, trained on WIDER FACE, from `@vladmandic/face-api`), asked about faces that
 * the mesh cannot be laid on: in profile, or behind a hand. It is slow, and takes some cats for people; what both see is a face.
 */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { readJson } from '../base/files';
import { projectPath } from '../base/project';
import { cut, type Photo } from '../images/photo';
import type { Box } from './box';

const SIZE_PX = 512;
/** It was trained on small faces: it sees a large one better with the photo in the middle of a canvas twice its size. */
const CANVAS = 2;

export type SecondOpinion = (photo: Photo) => Promise<readonly { readonly box: Box; readonly score: number }[]>;

interface FaceApi {
  readonly SsdMobilenetv1Options: new (options: { readonly minConfidence: number }) => unknown;
  readonly nets: {
    readonly ssdMobilenetv1: {
      loadFromWeightMap(weights: tf.NamedTensorMap): void;
      locateFaces(input: tf.Tensor, options: unknown): Promise<readonly { readonly relativeBox: Box; readonly score: number }[]>;
    };
  };
}

/** Loads it; the answer keeps its weights in memory as long as the process lives. */
export function openSecondOpinion(): SecondOpinion {
  const api: FaceApi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const file = projectPath('node_modules', '@vladmandic', 'face-api', 'model', 'ssd_mobilenetv1_model');
  const manifest = readJson<readonly { readonly weights: tf.io.WeightsManifestEntry[] }[]>(`${file}-weights_manifest.json`);
  const bytes = Uint8Array.from(readFileSync(`${file}.bin`));
  const specs = manifest.flatMap(({ weights }) => weights);
  api.nets.ssdMobilenetv1.loadFromWeightMap(tf.io.decodeWeights(bytes.buffer, specs));
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
