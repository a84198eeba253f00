/** Opens the page's model, and the networks that find faces for it. */
import * as tf from '@tensorflow/tfjs';
import * as faceApi from '@vladmandic/face-api/dist/face-api.esm-nobundle.js';
import { DETECTOR } from '../../faces/detector';
import { FaceFinder } from '../../faces/finder';
import { MESH } from '../../faces/mesh';
import { faceNetwork, type NetworkOptions, tfjsRunner } from '../../faces/network';
import { type FaceApi, type SecondOpinion, secondOpinion } from '../../faces/second-opinion';
import { preprocess } from '../../images/preprocess';
import type { Forward } from '../../model/forward';
import { Predictor } from '../../predict/predictor';
import type { About } from '../about';
import { fusedForward } from './fused';
import { bytesOf, jsonOf } from './payload';
import { type BrowserImage, browserReader } from './read-image';

/** Of a face that was found: three looks and their mirror images. */
const IMAGES_PER_FACE = 6;

/** Needs the engine open. The networks have run once, so that the first photo takes no longer than others. The caller disposes it. */
export async function openPredictor(): Promise<Predictor<BrowserImage>> {
  const { facts } = jsonOf<About>('about-json');
  const [detector, mesh] = [await openNetwork(DETECTOR), await openNetwork(MESH)];
  const forward = await openForward(facts.sizePx);
  await forward.run(new Uint8Array(IMAGES_PER_FACE * 3 * facts.sizePx ** 2));
  const finder = new FaceFinder(detector, mesh, openSecondOpinion);
  return new Predictor(
    { ...facts, provenance: {} },
    forward,
    browserReader(async () => finder),
  );
}

async function openNetwork(options: NetworkOptions) {
  const network = faceNetwork(options, await tfjsRunner(artifactsOf(options.file), options));
  network.run(new Uint8Array(3 * options.sizePx ** 2));
  return network;
}

/** Its weights stay text until a photo needs it. */
function openSecondOpinion(): SecondOpinion {
  const { weightSpecs = [], weightData } = artifactsOf('opinion');
  return secondOpinion(faceApi as unknown as FaceApi, weightSpecs, weightData as ArrayBuffer);
}

function artifactsOf(id: string): tf.io.ModelArtifacts {
  return { ...jsonOf<tf.io.ModelArtifacts>(`${id}-json`), weightData: bytesOf(id).buffer };
}

async function openForward(sizePx: number): Promise<Forward> {
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifactsOf('model')));
  const forward = fusedForward(model);
  const input = (pixels: Uint8Array) => tf.tensor(preprocess(pixels), [pixels.length / (3 * sizePx ** 2), sizePx, sizePx, 3]);
  return {
    run: async (pixels) => {
      await new Promise((resolve) => setTimeout(resolve)); // the browser draws in between
      return tf.tidy(() => forward(input(pixels as Uint8Array)).map((output) => Float32Array.from(output.dataSync())));
    },
    dispose: () => model.dispose(),
  };
}
