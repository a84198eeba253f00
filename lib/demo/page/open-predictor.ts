/** Opens the page's model. */
import * as tf from '@tensorflow/tfjs';
import { DETECTOR } from '../../faces/detector';
import { FaceFinder } from '../../faces/finder';
import { MESH } from '../../faces/mesh';
import { faceNetwork, type NetworkOptions, tfjsRunner } from '../../faces/network';
import { preprocess } from '../../images/preprocess';
import type { ModelFacts } from '../../model/model-folder';
import { Predictor } from '../../predict/predictor';
import { fusedForward } from './fused';
import { bytesOf, jsonOf } from './payload';
import { browserReader } from './read-image';

async function openNetwork(options: NetworkOptions) {
  const { modelTopology, weightSpecs } = jsonOf<tf.io.ModelArtifacts>(`${options.file}-json`);
  return faceNetwork(options, await tfjsRunner({ modelTopology, weightSpecs, weightData: bytesOf(options.file).buffer }, options));
}

const openFinder = async () => new FaceFinder(await openNetwork(DETECTOR), await openNetwork(MESH));

export async function openPredictor(): Promise<Predictor<Blob>> {
  const { facts, ...json } = jsonOf<tf.io.ModelArtifacts & { facts: ModelFacts }>('model-json');
  const model = await tf.loadLayersModel(tf.io.fromMemory({ ...json, weightData: bytesOf('model').buffer }));
  const forward = fusedForward(model);
  const { sizePx } = facts;
  return new Predictor(
    facts,
    {
      run: async (pixels) => {
        await new Promise((resolve) => setTimeout(resolve));
        return tf.tidy(() =>
          forward(tf.tensor(preprocess(pixels as Uint8Array), [pixels.length / (3 * sizePx ** 2), sizePx, sizePx, 3])).map((output) =>
            Float32Array.from(output.dataSync()),
          ),
        );
      },
      dispose: () => model.dispose(),
    },
    browserReader(openFinder),
  );
}
