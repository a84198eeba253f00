/** Where a network looks, by Grad-CAM, and whether that is to be believed: what the map points at is hidden, and as much elsewhere. */
import * as tf from '@tensorflow/tfjs';
import { type Random, shuffled } from '../base/random';
import { mean } from '../data/bands';
import { openForward } from '../model/forward';
import { loadModel } from '../model/model-folder';

/** The age in years, and the log-odds of female. A probability would not do: where the network is sure it is flat, its gradient all but gone. */
export type Question = 'age' | 'gender';
export type GradCam = Awaited<ReturnType<typeof openGradCam>>;

/** Of the model in a folder, whose last feature map has `side` places a side. The caller disposes it. */
export async function openGradCam(modelFolder: string) {
  const { facts, model } = await loadModel(modelFolder);
  const pooled = model.getLayer('global_average_pooling').output as tf.SymbolicTensor;
  const [, side, , channels] = pooled.inputs[0].shape as number[];
  const forward = await openForward(tf.model({ inputs: model.inputs, outputs: pooled.inputs }));
  const head = (output: tf.SymbolicTensor, features: tf.Tensor): tf.Tensor =>
    output === pooled ? features : (output.sourceLayer.apply(head(output.inputs[0], features)) as tf.Tensor);
  const [age, gender] = model.outputs;
  const logOdds = (probabilities: tf.Tensor): tf.Tensor => tf.matMul(probabilities.log(), [[-1], [1]]);
  const answersTo = { age: (x: tf.Tensor) => head(age, x), gender: (x: tf.Tensor) => logOdds(head(gender, x)) };
  return {
    sizePx: facts.sizePx,
    side,
    /**
     * For each picture of uint8 RGB pixels `[count, sizePx, sizePx, 3]`: the answer, and what each place of the map, row by row, adds to it: its
     * channels weighted by the answer's gradient (Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2), which is the same at each place,
     * since the heads see only the map's mean. Below 0 a place speaks for younger or male, which is as much of an answer: the paper's ReLU
     * would hide it. Of linear heads the places and the bias add up to the answer; of an age that is a distribution's mean they need not.
     */
    look: async (question: Question, pixels: Uint8Array) => {
      const [maps] = await forward.run(pixels);
      return tf.tidy(() => {
        const map = tf.tensor3d(maps, [pixels.length / (3 * facts.sizePx ** 2), side * side, channels]);
        const features: tf.Tensor = map.mean(1);
        const gradients = tf.grad(answersTo[question])(features).expandDims(2);
        const places = tf.squeeze(map.matMul(gradients).div(side ** 2), [2]).arraySync() as number[][];
        return Array.from(answersTo[question](features).dataSync(), (answer, at) => ({ answer, places: places[at] }));
      });
    },
    dispose: () => {
      forward.dispose();
      model.dispose();
    },
  };
}

/** What is hidden, a fifth of the picture each time. */
export const HIDDEN = ['where the map points', 'where it points least', 'anywhere, at random', "where another face's map points"] as const;

/**
 * How far the answer to each face moves, never negative, for each of HIDDEN. A map points where it is far from 0. What is hidden is painted with
 * the mean of the faces there: it says nothing of this face, and leaves no colour and few edges that are in none.
 */
export async function hideRegions(cam: GradCam, question: Question, faces: readonly Uint8Array[], random: Random): Promise<number[][]> {
  const paint = faces[0].map((_, at) => Math.round(mean(faces.map((face) => face[at]))));
  const cell = (px: number) => Math.floor((px * cam.side) / cam.sizePx);
  const placeOf = faces[0].map((_, at) => cam.side * cell(Math.floor(at / 3 / cam.sizePx)) + cell(Math.floor(at / 3) % cam.sizePx));
  const looks: Awaited<ReturnType<GradCam['look']>> = [];
  for (const face of faces) looks.push(...(await cam.look(question, face)));
  const orders = looks.map(({ places }) => [...places.keys()].sort((a, b) => Math.abs(places[b]) - Math.abs(places[a])));
  const moves = orders.map(async (order, index) => {
    const ways = [order, [...order].reverse(), shuffled(order, random), orders[(index + 1) % orders.length]];
    const hidden = ways.map((way) => {
      const places = new Set(way.slice(0, Math.round(way.length / 5)));
      return faces[index].map((value, at) => (places.has(placeOf[at]) ? paint[at] : value));
    });
    return (await cam.look(question, Buffer.concat(hidden))).map(({ answer }) => Math.abs(answer - looks[index].answer));
  });
  return Promise.all(moves);
}
