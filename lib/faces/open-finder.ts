/** Opens what finds faces in Node: its networks come from the files of npm packages, and run through ONNX Runtime where that has a build. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type OnnxRuntime, openRuntime } from '../base/engine';
import { readJson } from '../base/files';
import { projectPath } from '../base/project';
import { type GraphModelNode, graphModelOnnx } from '../graph/graph-model';
import { openOnnxSession } from '../graph/onnx-session';
import { DETECTOR } from './detector';
import { FaceFinder } from './finder';
import { MESH } from './mesh';
import { type FaceNetwork, faceNetwork, type NetworkOptions, type NetworkRunner, tfjsRunner } from './network';
import { openSecondOpinion } from './second-opinion';

/** The caller disposes it. */
export async function openFaceFinder(): Promise<FaceFinder> {
  return new FaceFinder(await openFaceNetwork(DETECTOR), await openFaceNetwork(MESH), openSecondOpinion);
}

interface GraphModelFile {
  readonly modelTopology: { readonly node: readonly GraphModelNode[] };
  readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
}

/** What tfjs calls model artifacts, of one of the package's networks. */
export function readNetworkFile(file: string) {
  const folder = projectPath('node_modules', '@vladmandic', 'human', 'models');
  const { modelTopology, weightsManifest } = readJson<GraphModelFile>(path.join(folder, `${file}.json`));
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  return { modelTopology, weightSpecs, weightData: Uint8Array.from(readFileSync(path.join(folder, `${file}.bin`))).buffer };
}

/** The caller disposes it. */
export async function openFaceNetwork(options: NetworkOptions): Promise<FaceNetwork> {
  const model = readNetworkFile(options.file);
  const runtime = await openRuntime();
  return faceNetwork(options, runtime ? await onnxRunner(runtime, model, options) : await tfjsRunner(model, options));
}

/** Enough to keep all cores at work; more would only take memory. */
const MOST_IMAGES = 8;

async function onnxRunner(
  runtime: OnnxRuntime,
  { modelTopology, weightSpecs, weightData }: ReturnType<typeof readNetworkFile>,
  { sizePx, scale, shift }: NetworkOptions,
): Promise<NetworkRunner> {
  const tensors = tf.io.decodeWeights(weightData, weightSpecs);
  const weights = Object.entries(tensors).map(([name, tensor]) => [name, { shape: tensor.shape, values: tensor.dataSync() }]);
  tf.dispose(tensors);
  const model = graphModelOnnx(modelTopology.node, Object.fromEntries(weights), { sizePx, scale, shift });
  const session = await openOnnxSession(runtime, model);
  return {
    mostImages: MOST_IMAGES,
    run: (values, count) => session.run(values, [count, sizePx, sizePx, 3]),
    dispose: () => session.dispose(),
  };
}
