/**
 * Where a network looks: Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2) on its last feature map, which is
 * a coarse picture of what it found where. `hiding.ts` asks whether such a map is to be believed.
 */
import * as tf from '@tensorflow/tfjs';
import { openForward } from '../model/forward';
import { loadModel } from '../model/model-folder';

/**
 * What is asked: the age in years, and the log-odds of female over male. Not the probability: where the network is sure it is flat,
 * and its gradient would fade just where there is most to see. The difference of the two logits tells both genders alike.
 */
export const QUESTIONS = ['age', 'gender'] as const;
export type Question = (typeof QUESTIONS)[number];

export interface Look {
  readonly answers: Readonly<Record<Question, number>>;
  /**
   * What each place, row by row, adds to the answer: years, log-odds. Below 0 it speaks for younger, for male; the paper's ReLU
   * would hide that. On a linear head, places and bias add up to the answer; on a distribution of ages they do to first order.
   */
  readonly maps: Readonly<Record<Question, Float32Array>>;
}

/** The caller disposes it. */
export interface GradCam {
  readonly sizePx: number;
  /** Looks at uint8 RGB pixels `[count, sizePx, sizePx, 3]`. */
  look(pixels: Uint8Array): Look[];
  dispose(): void;
}

export async function openGradCam(modelFolder: string): Promise<GradCam> {
  const { facts, model } = await loadModel(modelFolder);
  const pooled = model.getLayer('global_average_pooling').output as tf.SymbolicTensor;
  const [, side, , channels] = pooled.inputs[0].shape as number[];
  const forward = await openForward(tf.model({ inputs: model.inputs, outputs: [pooled.inputs[0], ...model.outputs] }));
  const head = (output: tf.SymbolicTensor, features: tf.Tensor): tf.Tensor =>
    output === pooled ? features : (output.sourceLayer.apply(head(output.inputs[0], features)) as tf.Tensor);
  const ask: Readonly<Record<Question, (features: tf.Tensor) => tf.Tensor>> = {
    age: (features) => head(model.outputs[0], features),
    gender: (features) => {
      const [male, female] = tf.split(head(model.outputs[1], features).log(), 2, 1);
      return female.sub(male);
    },
  };
  /** The heads see the map only as its mean over places, so the gradient is the same at each: the mean's, divided among them. */
  const look = (pixels: Uint8Array) =>
    tf.tidy(() => {
      const places = side * side;
      const map = tf.tensor3d(forward.run(pixels)[0], [pixels.length / (3 * facts.sizePx ** 2), places, channels]);
      const features = map.mean(1);
      const [ages, genders] = QUESTIONS.map((question) => {
        const answers = ask[question](features).dataSync();
        const gradients = tf.grad((x) => ask[question](x).sum())(features).div(places);
        const maps = map.matMul(gradients.expandDims(2)).dataSync();
        return Array.from(answers, (answer, at) => ({ answer, map: Float32Array.from(maps.slice(at * places, (at + 1) * places)) }));
      });
      return ages.map((age, at): Look => {
        const gender = genders[at];
        return { answers: { age: age.answer, gender: gender.answer }, maps: { age: age.map, gender: gender.map } };
      });
    });
  return {
    sizePx: facts.sizePx,
    look,
    dispose: () => {
      forward.dispose();
      model.dispose();
    },
  };
}

/** A square map made as large as the picture: doubled bilinearly again and again, which rounds off every edge (Chaikin 1974). */
export function enlarged(map: Float32Array, sizePx: number): Float32Array {
  return tf.tidy(() => {
    let side = Math.sqrt(map.length);
    let image = tf.tensor4d(map, [1, side, side, 1]);
    while (side < sizePx) {
      side = Math.min(2 * side, sizePx);
      image = tf.image.resizeBilinear(image, [side, side], false, true);
    }
    return image.dataSync<'float32'>();
  });
}
