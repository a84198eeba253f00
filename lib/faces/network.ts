/** The networks that find faces: what each is given and what it answers, whatever runs it. */
import * as tf from '@tensorflow/tfjs';
import { cut, type Photo, type Square } from '../images/photo';

export interface FaceNetwork {
  /** uint8 RGB `[count, sizePx, sizePx, 3]` to one flat array for each output, by the name that `outputs` gives to its values per image. */
  run(pixels: Uint8Array): Promise<Readonly<Record<string, Float32Array>>>;
  dispose(): void;
}

export interface NetworkOptions {
  /** File below the models of the package `@vladmandic/human`, without its ending. */
  readonly file: string;
  /** Side of the square images that it takes. */
  readonly sizePx: number;
  /** Pixel values become `scale * value + shift`. */
  readonly scale: number;
  readonly shift: number;
  /** A name for each output, and how many values it has for one image: no two have the same number. */
  readonly outputs: Readonly<Record<string, number>>;
}

/** What runs a network on up to so many images at once, and answers its outputs in any order. */
export interface NetworkRunner {
  readonly mostImages: number;
  run(pixels: Uint8Array, count: number): Promise<readonly Float32Array[]>;
  dispose(): void;
}

/** The caller disposes it, and the runner with it. */
export function faceNetwork({ file, sizePx, outputs }: NetworkOptions, runner: NetworkRunner): FaceNetwork {
  const imageBytes = 3 * sizePx ** 2;
  return {
    run: async (pixels) => {
      const count = pixels.length / imageBytes;
      const all = Object.fromEntries(Object.entries(outputs).map(([name, size]) => [name, new Float32Array(size * count)]));
      for (let first = 0, size = 0; first < count; first += size) {
        size = Math.min(runner.mostImages, count - first);
        const results = await runner.run(pixels.subarray(first * imageBytes, (first + size) * imageBytes), size);
        for (const [name, values] of Object.entries(outputs)) {
          const result = results.find(({ length }) => length === values * size);
          if (!result) throw new Error(`${file}: no output of ${values} values, where "${name}" was expected.`);
          all[name].set(result, first * values);
        }
      }
      return all;
    },
    dispose: () => runner.dispose(),
  };
}

/** Runs a network operation by operation, on whatever engine tfjs has. */
export async function tfjsRunner(model: tf.io.ModelArtifacts, { sizePx, scale, shift }: NetworkOptions): Promise<NetworkRunner> {
  const network = await tf.loadGraphModel(tf.io.fromMemory(model));
  return {
    mostImages: 1,
    run: async (pixels) =>
      tf.tidy(() => {
        const input = tf.tensor4d(pixels, [1, sizePx, sizePx, 3], 'float32').mul(scale).add(shift);
        return [network.execute(input)].flat().map((output) => output.dataSync() as Float32Array);
      }),
    dispose: () => network.dispose(),
  };
}

/** The contents of several squares, one after the other: a batch for a network. */
export function cutAll(photo: Photo, squares: readonly Square[], sizePx: number): Uint8Array {
  const batch = new Uint8Array(squares.length * 3 * sizePx ** 2);
  for (const [index, square] of squares.entries()) batch.set(cut(photo, square, sizePx), index * 3 * sizePx ** 2);
  return batch;
}
