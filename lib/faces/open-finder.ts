/** Opens what finds faces in Node: its networks come from the files of npm packages, and run as graphs of ours on the native engine. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { openEngine } from '../base/engine';
import { readJson } from '../base/files';
import { projectPath } from '../base/project';
import { FLOAT, GraphBuilder, UINT8 } from '../graph/builder';
import { type GraphModelNode, writeGraphModel } from '../graph/graph-model';
import { GraphSession } from '../graph/session';
import { DETECTOR } from './detector';
import { FaceFinder } from './finder';
import { MESH } from './mesh';
import { type FaceNetwork, faceNetwork, type NetworkOptions, type NetworkRunner, tfjsRunner } from './network';
import { secondOpinion } from './second-opinion';

/** The caller disposes it. */
export async function openFaceFinder(): Promise<FaceFinder> {
  const openOpinion = () => secondOpinion(require('@vladmandic/face-api/dist/face-api.node-wasm.js'), readOpinionFile());
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
  const isNative = (await openEngine()).kind === 'native';
  return faceNetwork(options, isNative ? sessionRunner(model, options) : await tfjsRunner(model, options));
}

/** Kernels are prepared anew for every number of images that has not occurred yet, which takes longer than to run them. */
const BATCHES: readonly number[] = [4, 2, 1];

function sessionRunner(
  { modelTopology, weightSpecs, weightData }: ReturnType<typeof readNetworkFile>,
  { sizePx, scale, shift }: NetworkOptions,
): NetworkRunner {
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
