/** Opens the page's model, and the networks that find faces for it. */
import * as tf from '@tensorflow/tfjs';
import * as faceApi from '@vladmandic/face-api/dist/face-api.esm-nobundle.js';
import { DETECTOR } from '../../faces/detector';
import { FaceFinder } from '../../faces/finder';
import { MESH } from '../../faces/mesh';
import { type FaceNetwork, faceNetwork, type NetworkOptions, tfjsRunner } from '../../faces/network';
import { type FaceApi, secondOpinion } from '../../faces/second-opinion';
import { preprocess } from '../../images/preprocess';
import { featureMapOf } from '../../model/feature-map';
import type { Forward } from '../../model/forward';
import type { ModelFacts } from '../../model/model-folder';
import { type ImageReader, LOOKS, Predictor } from '../../predict/predictor';
import type { About } from '../about';
import { fusedForward } from './fused';
import type { Eye } from './look';
import { bytesOf, jsonOf } from './payload';
import { type BrowserImage, browserReader } from './read-image';

/** Of a face that was found: its looks and their mirror images. */
const IMAGES_PER_FACE = 2 * LOOKS.length;

/** What answers to photos, and the parts of it that a camera's frames go through one by one. */
export interface PageModel extends Eye {
  readonly facts: ModelFacts;
  readonly predictor: Predictor<BrowserImage>;
  readonly reader: ImageReader<BrowserImage>;
  readonly detector: FaceNetwork;
  readonly mesh: FaceNetwork;
}

/** Needs the engine open. The networks have run once, so that the first photo takes no longer than others. It lasts as long as the page. */
export async function openModel(): Promise<PageModel> {
  const facts = { ...jsonOf<About>('about-json').facts, provenance: {} };
  const [detector, mesh] = [await openNetwork(DETECTOR), await openNetwork(MESH)];
  const { forward, featureMap } = await openForward(facts.sizePx);
  await forward.run(new Uint8Array(IMAGES_PER_FACE * 3 * facts.sizePx ** 2));
  const openOpinion = async () => secondOpinion(faceApi as unknown as FaceApi, artifactsOf('opinion'));
  const finder = new FaceFinder(detector, mesh, openOpinion);
  const reader = browserReader(async () => finder);
  const answers = { ...forward, run: async (pixels: Uint8Array | Float32Array) => (await forward.run(pixels)).slice(0, -1) };
  return { facts, predictor: new Predictor(facts, answers, reader), reader, detector, mesh, forward, featureMap };
}

async function openNetwork(options: NetworkOptions) {
  const network = faceNetwork(options, await tfjsRunner(artifactsOf(options.file), options));
  await network.run(new Uint8Array(3 * options.sizePx ** 2));
  return network;
}

function artifactsOf(id: string): tf.io.ModelArtifacts {
  return { ...jsonOf<tf.io.ModelArtifacts>(`${id}-json`), weightData: bytesOf(id).buffer };
}

async function openForward(sizePx: number): Promise<Pick<PageModel, 'forward' | 'featureMap'>> {
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifactsOf('model')));
  const featureMap = featureMapOf(model);
  const run = fusedForward(tf.model({ inputs: model.inputs, outputs: [...model.outputs, featureMap.output] }));
  const input = (pixels: Uint8Array) => tf.tensor(preprocess(pixels), [pixels.length / (3 * sizePx ** 2), sizePx, sizePx, 3]);
  const forward: Forward = {
    run: async (pixels) => {
      await new Promise((resolve) => setTimeout(resolve)); // the browser draws in between
      return tf.tidy(() => run(input(pixels as Uint8Array)).map((output) => Float32Array.from(output.dataSync())));
    },
    dispose: () => model.dispose(),
  };
  return { forward, featureMap };
}
