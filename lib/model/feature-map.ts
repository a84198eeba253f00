/** The last feature map of a network, and what each of its places adds to an answer: Grad-CAM, in Node and in a browser. */
import * as tf from '@tensorflow/tfjs';

/** The age in years, and the log-odds of female. A probability would not do: where the network is sure it is flat, its gradient all but gone. */
export type Question = 'age' | 'gender';

/** What places are shown in, as RGB: Okabe and Ito's blue and orange, which no common colour blindness confuses. */
export const PLACE_COLOURS = { below0: [0, 114, 178], above0: [230, 159, 0] } as const;

/** Of a model with both heads, which must last as long as the result. */
export function featureMapOf(model: tf.LayersModel) {
  const pooled = model.getLayer('global_average_pooling').output as tf.SymbolicTensor;
  const [output] = pooled.inputs;
  const [, side, , channels] = output.shape as number[];
  const head = (of: tf.SymbolicTensor, features: tf.Tensor): tf.Tensor =>
    of === pooled ? features : (of.sourceLayer.apply(head(of.inputs[0], features)) as tf.Tensor);
  const [age, gender] = model.outputs;
  const logOdds = (probabilities: tf.Tensor): tf.Tensor => tf.matMul(probabilities.log(), [[-1], [1]]);
  const answersTo = { age: (x: tf.Tensor) => head(age, x), gender: (x: tf.Tensor) => logOdds(head(gender, x)) };
  return {
    /** Where the model puts out the map, which has so many places a side. */
    output,
    side,
    /**
     * For each of the maps `[count, side, side, channels]`: the answer, and what each place, row by row, adds to it: its channels
     * weighted by the answer's gradient (Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2), which is the same at each place,
     * since the heads see only the map's mean. Below 0 a place speaks for younger or male, which is as much of an answer: the paper's ReLU
     * would hide it. Of linear heads the places and the bias add up to the answer; of an age that is a distribution's mean they need not.
     */
    look: (question: Question, maps: Float32Array) =>
      tf.tidy(() => {
        const map = tf.tensor3d(maps, [maps.length / (side ** 2 * channels), side ** 2, channels]);
        const features: tf.Tensor = map.mean(1);
        const gradients = tf.grad(answersTo[question])(features).expandDims(2);
        const places = tf.squeeze(map.matMul(gradients).div(side ** 2), [2]).arraySync() as number[][];
        return Array.from(answersTo[question](features).dataSync(), (answer, at) => ({ answer, places: places[at] }));
      }),
  };
}
