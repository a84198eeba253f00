/** `@vladmandic/human` as it is used in Node: BlazeFace, and the face mesh on each face. */
import * as tf from '@tensorflow/tfjs';
import { projectPath } from '../../lib/base/project';
import { landmarksOf } from '../../lib/faces/mesh';
import { openPhoto } from '../../lib/images/decode';
import type { Detector } from './detector';

type Numbers = readonly number[];

interface Human {
  load(): Promise<void>;
  detect(
    input: tf.Tensor3D,
  ): Promise<{ readonly error?: string | null; readonly face: readonly { readonly box: Numbers; readonly mesh: readonly Numbers[] }[] }>;
}

const off = { enabled: false };
const CONFIG = {
  backend: 'tensorflow',
  modelBasePath: `file://${projectPath('node_modules', '@vladmandic', 'human', 'models')}/`,
  cacheSensitivity: 0, // every photo is a new one
  debug: false,
  ...Object.fromEntries(['filter', 'gesture', 'body', 'hand', 'object', 'segmentation'].map((part) => [part, off])),
  face: {
    enabled: true,
    detector: { rotation: true, maxDetected: 100 },
    mesh: { enabled: true },
    iris: off,
    attention: off,
    description: off,
    emotion: off,
  },
};

export async function openHuman(): Promise<Detector> {
  const { Human }: { readonly Human: new (config: typeof CONFIG) => Human } = require('@vladmandic/human');
  const human = new Human(CONFIG);
  await human.load();
  return {
    title: '`@vladmandic/human`: BlazeFace, mesh',
    package: '3.3.6, MIT, 2025, 43 MB',
    detect: async (file) => {
      const [{ widthPx, heightPx, pixels }] = (await openPhoto(file)).levels;
      const input = tf.tensor3d(pixels, [heightPx, widthPx, 3], 'int32');
      const { face, error } = await human.detect(input);
      input.dispose();
      if (error) throw new Error(`${file}: ${error}`);
      return face.map(({ box: [x, y, width, height], mesh }) => {
        const points = mesh.map(([px, py]) => [px, py] as const);
        return { box: { x, y, width, height }, landmarks: landmarksOf({ points, presence: 1 }) };
      });
    },
    dispose: () => undefined, // the package keeps its networks as long as the process lives
  };
}
