/** tfjs-node as it comes: a LayersModel that is compiled and trained batch by batch, as its guides write it. */
import * as tf from '@tensorflow/tfjs';
import { buildFaceModel } from '../../lib/model/face-model';
import { writeWeights } from '../../lib/model/layer-weights';
import { trainableLayers } from '../../lib/training/schedule';
import type { Inputs } from './input-files';
import { LEARNING_RATE, type Task, type Workload } from './protocol';

/** Forward passes and training steps; there is no `fit` of a frozen base here, which would take as long as so many steps. */
export async function openStock(task: Task, inputs: Inputs): Promise<Workload> {
  const { full: model } = buildFaceModel(task.sizePx, inputs.weights());
  writeWeights(model, inputs.weights());
  const { sizePx, batch } = task;
  const images = inputs.images(sizePx, batch);
  const pixels = () => tf.tensor4d(images, [batch, sizePx, sizePx, 3], 'int32').toFloat().div(127.5).sub(1);
  const predict = (): number[] =>
    tf.tidy(() => (model.predictOnBatch(pixels()) as tf.Tensor[]).flatMap((output) => [...output.dataSync()]));
  if (task.name === 'forward') return { proof: { outputs: predict(), losses: [] }, run: () => void predict() };

  const trainable = trainableLayers(task.trainable);
  for (const layer of model.layers) layer.trainable = trainable(layer.name);
  model.compile({ optimizer: tf.train.adam(LEARNING_RATE), loss: ['meanSquaredError', 'sparseCategoricalCrossentropy'] });
  const labels = inputs.labels(batch);
  const step = async (): Promise<readonly number[]> => {
    const x = tf.tidy(pixels);
    const y = [tf.tensor2d(labels.ages, [batch, 1]), tf.tensor2d(Float32Array.from(labels.genders), [batch, 1])];
    const losses = await model.trainOnBatch(x, y);
    tf.dispose([x, ...y]);
    return Array.isArray(losses) ? losses.slice(1) : [losses];
  };
  const outputs = predict();
  const losses = [await step(), await step()];
  return { proof: { outputs, losses }, run: async () => void (await step()) };
}
