/** Opens what finds faces in Node: its networks come from the files of npm packages, and run through ONNX Runtime where that has a build. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { type OnnxRuntime, openEngine, openRuntime } from '../base/engine';
import { readJson } from '../base/files';
import { projectPath } from '../base/project';
import { type GraphModelNode, graphModelOnnx } from '../graph/graph-model';
import { openOnnxSession } from '../graph/onnx-session';
import { DETECTOR } from './detector';
import { FaceFinder } from './finder';
import { MESH } from './mesh';
import { type FaceNetwork, faceNetwork, type NetworkOptions, type NetworkRunner, tfjsRunner } from './network';
import { secondOpinion } from './second-opinion';

/** The caller disposes it. */
export async function openFaceFinder(): Promise<FaceFinder> {
  const openOpinion = async () => {
    await openEngine(); // it runs by tfjs alone
    return secondOpinion(require('@vladmandic/face-api/dist/face-api.node-wasm.js'), readOpinionFile());
  };
  return new FaceFinder(await openFaceNetwork(DETECTOR), await openFaceNetwork(MESH), openOpinion);
}

interface GraphModelFile {
  readonly modelTopology: { readonly node: readonly GraphModelNode[] };
  readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
}

/** What tfjs calls model artifacts, of one of the package's networks. */
export function readNetworkFile(name: string) {
  const file = projectPath('node_modules', '@vladmandic', 'human', 'models', name);
  const { modelTopology, weightsManifest } = readJson<GraphModelFile>(`${file}.json`);
  return { modelTopology, ...weightsOf(weightsManifest, `${file}.bin`) };
}

/** The weights of the second opinion, which builds its network itself. */
export function readOpinionFile() {
  const file = projectPath('node_modules', '@vladmandic', 'face-api', 'model', 'ssd_mobilenetv1_model');
  return weightsOf(readJson(`${file}-weights_manifest.json`), `${file}.bin`);
}

function weightsOf(manifest: GraphModelFile['weightsManifest'], file: string) {
  return { weightSpecs: manifest.flatMap(({ weights }) => weights), weightData: Uint8Array.from(readFileSync(file)).buffer };
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
