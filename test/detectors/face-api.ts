/** `@vladmandic/face-api` as it is used in Node: SSD on MobileNetV1, and 68 landmarks on each face. */
import * as tf from '@tensorflow/tfjs';
import { projectPath } from '../../lib/base/project';
import type { Box } from '../../lib/faces/box';
import { middleOf } from '../../lib/faces/frame';
import { openPhoto } from '../../lib/images/decode';
import type { Point } from '../../lib/images/photo';
import type { Detector } from './detector';

interface Answer {
  readonly detection: { readonly box: Box };
  readonly landmarks: { readonly positions: readonly { readonly x: number; readonly y: number }[] };
}

interface FaceApi {
  readonly SsdMobilenetv1Options: new (options: { readonly maxResults: number }) => unknown;
  readonly nets: Readonly<Record<'ssdMobilenetv1' | 'faceLandmark68Net', { loadFromDisk(folder: string): Promise<void> }>>;
  detectAllFaces(input: tf.Tensor3D, options: unknown): { withFaceLandmarks(): Promise<readonly Answer[]> };
}

/** Of the 68 landmarks: from which to before which they are an eye's or the mouth's. */
const PARTS = [
  [36, 42],
  [42, 48],
  [48, 68],
] as const;
const GREY = 127;

/** With `canvas` 2, the photo lies in the middle of a canvas of twice its size, as a face that fills a photo is better seen. */
export async function openFaceApi(canvas: 1 | 2): Promise<Detector> {
  const api: FaceApi = require('@vladmandic/face-api');
  const folder = projectPath('node_modules', '@vladmandic', 'face-api', 'model');
  await api.nets.ssdMobilenetv1.loadFromDisk(folder);
  await api.nets.faceLandmark68Net.loadFromDisk(folder);
  return {
    title: canvas === 1 ? '`@vladmandic/face-api`: SSD, 68 landmarks' : 'the same, photo on a canvas of twice its size',
    package: '1.7.15, MIT, 2025, 24 MB',
    detect: async (file) => {
      const [{ widthPx, heightPx, pixels }] = (await openPhoto(file)).levels;
      const [left, top] = [widthPx, heightPx].map((length) => Math.floor(((canvas - 1) * length) / 2));
      const [right, bottom] = [(canvas - 1) * widthPx - left, (canvas - 1) * heightPx - top];
      const around: [number, number][] = [
        [top, bottom],
        [left, right],
        [0, 0],
      ];
      const input = tf.tidy((): tf.Tensor3D => tf.tensor3d(pixels, [heightPx, widthPx, 3], 'int32').pad(around, GREY));
      const answers = await api.detectAllFaces(input, new api.SsdMobilenetv1Options({ maxResults: 100 })).withFaceLandmarks();
      input.dispose();
      return answers.map(({ detection: { box }, landmarks: { positions } }) => {
        const points = positions.map(({ x, y }): Point => [x - left, y - top]);
        const { x, y, width, height } = box;
        return { box: { x: x - left, y: y - top, width, height }, landmarks: PARTS.map(([from, to]) => middleOf(points.slice(from, to))) };
      });
    },
    dispose: () => undefined, // the package keeps its networks as long as the process lives
  };
}
