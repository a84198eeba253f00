/** Where a network looks, by Grad-CAM, and whether that is to be believed: what the map points at is hidden, and as much elsewhere. */
import * as tf from '@tensorflow/tfjs';
import { type Random, shuffled } from '../base/random';
import { mean } from '../data/bands';
import { featureMapOf, type Question } from '../model/feature-map';
import { openForward } from '../model/forward';
import { loadModel } from '../model/model-folder';

export type GradCam = Awaited<ReturnType<typeof openGradCam>>;

/** Of the model in a folder, whose last feature map has `side` places a side. The caller disposes it. */
export async function openGradCam(modelFolder: string) {
  const { facts, model } = await loadModel(modelFolder);
  const { output, side, look } = featureMapOf(model);
  const forward = await openForward(tf.model({ inputs: model.inputs, outputs: output }));
  return {
    sizePx: facts.sizePx,
    side,
    /** For each picture of uint8 RGB pixels `[count, sizePx, sizePx, 3]`: the answer, and what each place of the map, row by row, adds to it. */
    look: async (question: Question, pixels: Uint8Array) => look(question, (await forward.run(pixels))[0]),
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
