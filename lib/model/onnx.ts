/**
 * A network as an ONNX file, which many runtimes read. It takes `pixels` as they are in an image, uint8 RGB `[batch, size, size, 3]`, and
 * scales them itself, or the features that a network of heads takes. Its outputs have the names of the layers: `age` `[batch, 1]` in
 * years, `gender` `[batch, 2]`, and so on; a map is `<layer>/map` `[batch, height, width, channels]`, as everywhere in this project.
 */
import type * as tf from '@tensorflow/tfjs';
import { type Step, stepsOf, type WeightSpec } from '../graph/network';
import { OnnxBuilder } from '../graph/onnx-builder';
import { PIXEL_SCALE } from '../images/preprocess';
import { readWeights } from './layer-weights';

/** The bytes of the file; `metadata` becomes its metadata_props. Throws with a layer's name where `stepsOf` does not know it. */
export function onnxOf(model: tf.LayersModel, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const weights = readWeights(model);
  const steps = stepsOf(model);
  const shapeOf = new Map(steps.map(({ name, shape }) => [name, shape]));
  const onnx = new OnnxBuilder();
  const weight = ({ name, shape }: WeightSpec) => onnx.floats(name, shape, weights[name].values);
  const [zero, six] = [onnx.scalar('zero', 0), onnx.scalar('six', 6)];
  const [{ name: first, shape: inputShape }] = steps;
  const isPixels = inputShape.length === 3;

  function write(step: Step): void {
    const { name, from, shape } = step;
    switch (step.kind) {
      case 'input':
        if (isPixels) onnx.images(name, 1 / PIXEL_SCALE, -1);
        return;
      case 'convolution':
      case 'depthwise': {
        const isDepthwise = step.kind === 'depthwise';
        const kernel = onnx.kernel(step.kernel.name, step.kernel.shape, weights[step.kernel.name].values, isDepthwise);
        const attributes = { strides: [step.stride, step.stride], auto_pad: 'SAME_UPPER', group: isDepthwise ? shape[2] : 1 };
        onnx.add('Conv', [...from, kernel, weight(step.bias)], name, attributes);
        return;
      }
      case 'relu6':
        onnx.add('Clip', [...from, zero, six], name);
        return;
      case 'add':
        onnx.add('Add', from, name);
        return;
      case 'pooling':
        onnx.add('Flatten', [onnx.add('GlobalAveragePool', from, `${name}/means`)], name);
        return;
      case 'dense': {
        const inputs = [...from, weight(step.kernel), ...(step.bias ? [weight(step.bias)] : [])];
        if (step.activation === 'softmax') onnx.add('Softmax', [onnx.add('Gemm', inputs, `${name}/logits`)], name);
        else onnx.add('Gemm', inputs, name);
      }
    }
  }

  for (const step of steps) write(step);
  const outputs = model.outputs.map(({ sourceLayer: { name } }) => {
    const shape = shapeOf.get(name) ?? [];
    return { name: shape.length === 3 ? onnx.channelsLast(name, `${name}/map`) : name, shape };
  });
  const input = isPixels ? ({ name: 'pixels', type: 'UINT8', shape: inputShape } as const) : { name: first, shape: inputShape };
  return onnx.encode(model.name, [input], outputs, metadata);
}
