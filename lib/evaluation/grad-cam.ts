/** Where a network looks, by Grad-CAM, and whether that is to be believed: what the map points at is hidden, and as much elsewhere. */
import * as tf from '@tensorflow/tfjs';
import { type Random, shuffled } from '../base/random';
import { mean } from '../data/bands';
import { openForward } from '../model/forward';
import { loadModel } from '../model/model-folder';

export type Question = 'age' | 'gender';

export type GradCam = Awaited<ReturnType<typeof openGradCam>>;

/** Opens the model of a folder; the caller disposes what it gets. */
export async function openGradCam(modelFolder: string) {
  const { facts, model } = await loadModel(modelFolder);
  const pooled = model.getLayer('global_average_pooling').output as tf.SymbolicTensor;
  const [, side, , channels] = pooled.inputs[0].shape as number[];
  const forward = await openForward(tf.model({ inputs: model.inputs, outputs: pooled.inputs }));
  const head = (output: tf.SymbolicTensor, features: tf.Tensor): tf.Tensor =>
    output === pooled ? features : (output.sourceLayer.apply(head(output.inputs[0], features)) as tf.Tensor);
  const logOdds = ([male, female]: tf.Tensor[]) => female.log().sub(male.log());
  const ask = (question: Question, features: tf.Tensor) =>
    question === 'age' ? head(model.outputs[0], features) : logOdds(tf.split(head(model.outputs[1], features), 2, 1));
  return {
    sizePx: facts.sizePx,
    /**
     * For each picture of uint8 RGB pixels `[count, sizePx, sizePx, 3]`: the answer, and what each place of the last feature map, row by row, adds
     * to it: the map's channels weighted by the gradient of the answer (Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2). The heads see
     * the map only as its mean, so the gradient is the same everywhere. Ages are in years. Of gender it is the log-odds of female, the
     * difference of two logits: the probability is flat where the network is sure, and its gradient all but gone. What is below 0 speaks for
     * younger or male, and is as much of an answer; the paper's ReLU would hide it. On linear heads the places and the bias add up to the answer.
     */
    look: (question: Question, pixels: Uint8Array) =>
      tf.tidy(() => {
        const map = tf.tensor3d(forward.run(pixels)[0], [pixels.length / (3 * facts.sizePx ** 2), side * side, channels]);
        const features = map.mean<tf.Tensor2D>(1);
        const gradients = tf
          .grad((x) => ask(question, x).sum())(features)
          .div(side * side);
        const places = map.matMul(gradients.expandDims(2)).squeeze([2]).arraySync() as number[][];
        return Array.from(ask(question, features).dataSync(), (answer, at) => ({ answer, places: places[at] }));
      }),
    /** A value for each place made as large as the picture, smoothly. */
    enlarge: (places: readonly number[]) =>
      tf.tidy(() => {
        const image = tf.tensor3d([...places], [side, side, 1]);
        return tf.image.resizeBilinear(image, [facts.sizePx, facts.sizePx], false, true).dataSync<'float32'>();
      }),
    dispose: () => {
      forward.dispose();
      model.dispose();
    },
  };
}

/** What is hidden of a face, a fifth of the picture each time. Shuffled, the map has spots of the same kind anywhere. */
export const HIDDEN = ['where the map points', 'where it points least', 'anywhere: the map shuffled', "where another face's map points"];

/**
 * How far the answer to each of the faces moves, without its sign, for each of HIDDEN. The map counts by its magnitude. What is hidden is
 * painted with the mean of the faces at that place: it says nothing of this face, and leaves no colours or edges that no face has.
 */
export function hideRegions(cam: GradCam, question: Question, faces: readonly Uint8Array[], random: Random): number[][] {
  const paint = faces[0].map((_, at) => Math.round(mean(faces.map((face) => face[at]))));
  const looks = faces.map((face) => cam.look(question, face)[0]);
  const heats = looks.map(({ places }) => places.map(Math.abs));
  return heats.map((heat, index) => {
    const ways = [heat, heat.map((value) => -value), shuffled(heat, random), heats[(index + 1) % heats.length]].map(cam.enlarge);
    const hidden = ways.map((way) => {
      const least = way.slice().sort()[Math.floor(0.8 * way.length)];
      return faces[index].map((value, at) => (way[Math.floor(at / 3)] >= least ? paint[at] : value));
    });
    return cam.look(question, Buffer.concat(hidden)).map(({ answer }) => Math.abs(answer - looks[index].answer));
  });
}
