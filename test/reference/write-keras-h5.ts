/** Writes a whole MobileNetV2 as Keras saves its weights: seeded kernels, and the seeded BatchNorms that seededNormedBase folds into them. */
import { mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { seededKernel } from '../bench/seeded';
import { seededNorm } from './seeded-weights';

export async function writeKerasH5(file: string): Promise<void> {
  const { File, ready } = await import('h5wasm/node');
  await ready;
  const output = new File(file, 'w');
  for (const [name, shape] of Object.entries(mobileNetV2Shapes())) {
    const [layer, weight] = name.split('/');
    if (weight === 'bias') continue;
    const [kerasLayer, kerasNorm] = kerasNames(layer);
    const write = (group: string, weights: readonly (readonly [string, Float32Array, readonly number[]])[]) => {
      const inside = output.create_group(group).create_group(group);
      for (const [key, data, sides] of weights) inside.create_dataset({ name: `${key}:0`, data, shape: [...sides] });
    };
    write(kerasLayer, [[weight, seededKernel(name, shape), shape]]);
    const channels = shape[weight === 'depthwise_kernel' ? 2 : 3];
    const { gamma, beta, mean, variance } = seededNorm(layer, channels);
    const norm = { gamma, beta, moving_mean: mean, moving_variance: variance };
    write(
      kerasNorm,
      Object.entries(norm).map(([key, data]) => [key, data, [channels]]),
    );
  }
  output.close();
}

function kerasNames(layer: string): readonly [layer: string, norm: string] {
  if (layer === 'Conv') return ['Conv1', 'bn_Conv1'];
  if (layer === 'Conv_1') return ['Conv_1', 'Conv_1_bn'];
  const name = layer.replace(/^expanded_conv_(?=\d)/, 'block_');
  return [name, `${name}_BN`];
}
