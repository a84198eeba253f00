/** The networks that find faces, from the files of an npm package: through a graph of ours on the native engine, else by tfjs. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { openEngine } from '../base/engine';
import { readJson } from '../base/files';
import { projectPath } from '../base/project';
import { FLOAT, GraphBuilder, UINT8 } from '../graph/builder';
import { type GraphModelNode, writeGraphModel } from '../graph/graph-model';
import { GraphSession } from '../graph/session';
import { cut, type Photo, type Square } from '../images/photo';

export interface FaceNetwork {
  /** uint8 RGB `[count, sizePx, sizePx, 3]` to one flat array for each output, by the name that `outputs` gives to its values per image. */
  run(pixels: Uint8Array): Readonly<Record<string, Float32Array>>;
  dispose(): void;
}

export interface NetworkOptions {
  /** File below the package's `models`, without its ending. */
  readonly file: string;
  /** Side of the square images that it takes. */
  readonly sizePx: number;
  /** Pixel values become `scale * value + shift`. */
  readonly scale: number;
  readonly shift: number;
  /** A name for each output, and how many values it has for one image: no two have the same number. */
  readonly outputs: Readonly<Record<string, number>>;
}

interface GraphModelFile {
  readonly modelTopology: { readonly node: readonly GraphModelNode[] };
  readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
}

/**
 * Numbers of images that the network is given at once, from the largest that is left. Kernels are prepared anew for every number that
 * has not occurred yet, which takes longer than to run them.
 */
const BATCHES: readonly number[] = [4, 2, 1];

/** The caller disposes it. */
export async function openFaceNetwork(options: NetworkOptions): Promise<FaceNetwork> {
  const { file, sizePx, outputs } = options;
  const folder = projectPath('node_modules', '@vladmandic', 'human', 'models');
  const { modelTopology, weightsManifest } = readJson<GraphModelFile>(path.join(folder, `${file}.json`));
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const model = { modelTopology, weightSpecs, weightData: Uint8Array.from(readFileSync(path.join(folder, `${file}.bin`))).buffer };
  const { batches, run, dispose } = (await openEngine()).kind === 'native' ? asSession(model, options) : await asLayers(model, options);
  const imageBytes = 3 * sizePx ** 2;
  return {
    run: (pixels) => {
      const count = pixels.length / imageBytes;
      const all = Object.fromEntries(Object.entries(outputs).map(([name, size]) => [name, new Float32Array(size * count)]));
      for (let first = 0, size = 0; first < count; first += size) {
        size = batches.find((batch) => batch <= count - first) ?? 1;
        const results = run(pixels.subarray(first * imageBytes, (first + size) * imageBytes), size);
        for (const [name, values] of Object.entries(outputs)) {
          const result = results.find(({ length }) => length === values * size);
          if (!result) throw new Error(`${file}: no output of ${values} values, where "${name}" was expected.`);
          all[name].set(result, first * values);
        }
      }
      return all;
    },
    dispose,
  };
}

type Model = Required<Pick<tf.io.ModelArtifacts, 'weightSpecs'>> & {
  readonly modelTopology: GraphModelFile['modelTopology'];
  readonly weightData: ArrayBuffer;
};

interface Runner {
  readonly batches: readonly number[];
  run(pixels: Uint8Array, count: number): readonly Float32Array[];
  dispose(): void;
}

function asSession({ modelTopology, weightSpecs, weightData }: Model, { sizePx, scale, shift }: NetworkOptions): Runner {
  const tensors = tf.io.decodeWeights(weightData, weightSpecs);
  const weights = Object.entries(tensors).map(([name, tensor]) => [name, { shape: tensor.shape, values: tensor.dataSync() }]);
  tf.dispose(tensors);
  const graph = new GraphBuilder();
  const input = graph.placeholder('pixels', UINT8, [-1, sizePx, sizePx, 3]);
  const scaled = graph.add('Mul', [graph.add('Cast', [input], { SrcT: UINT8, DstT: FLOAT }), graph.floats([scale])]);
  const shifted = graph.add('AddV2', [scaled, graph.floats([shift])]);
  const fetches = writeGraphModel(graph, modelTopology.node, Object.fromEntries(weights), shifted);
  const session = new GraphSession(graph.nodes);
  return {
    batches: BATCHES,
    run: (values, count) => session.run([{ name: input, shape: [count, sizePx, sizePx, 3], values }], fetches),
    dispose: () => session.dispose(),
  };
}

async function asLayers(model: Model, { sizePx, scale, shift }: NetworkOptions): Promise<Runner> {
  const network = await tf.loadGraphModel(tf.io.fromMemory(model));
  return {
    batches: [1],
    run: (pixels) =>
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
