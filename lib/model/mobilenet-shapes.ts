/**
 * The weights that a MobileNetV2 of width 1.0 is made of, BatchNorm folded, by TF-slim's layer names and in the order of
 * the network (Sandler et al. 2018, table 2): what pretrained weights are checked against before any engine is loaded.
 */
import type { WeightShapes } from './weights';

/** One row for each stage of table 2: expansion, output channels, blocks, stride of the first block. */
export const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Every weight's shape by name: `Conv/kernel` 3x3x3x32, `Conv/bias` 32, … `Conv_1/bias` 1280. */
export function mobileNetV2Shapes(): WeightShapes {
  const shapes: Record<string, readonly number[]> = {};
  const convolution = (layer: string, kernel: readonly number[]) => {
    shapes[`${layer}/kernel`] = kernel;
    shapes[`${layer}/bias`] = [kernel[3]];
  };
  convolution('Conv', [3, 3, 3, 32]);
  let channels = 32;
  let block = 0;
  for (const [expansion, output, repeats] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++, block++) {
      const prefix = block === 0 ? 'expanded_conv' : `expanded_conv_${block}`;
      const wide = channels * expansion;
      if (expansion > 1) convolution(`${prefix}_expand`, [1, 1, channels, wide]);
      shapes[`${prefix}_depthwise/depthwise_kernel`] = [3, 3, wide, 1];
      shapes[`${prefix}_depthwise/bias`] = [wide];
      convolution(`${prefix}_project`, [1, 1, wide, output]);
      channels = output;
    }
  }
  convolution('Conv_1', [1, 1, channels, 1280]);
  return shapes;
}
