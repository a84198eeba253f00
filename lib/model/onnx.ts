/**
 * A network as an ONNX file, which many runtimes read. It takes `pixels` as they are in an image, uint8 RGB `[batch, size, size, 3]`, and
 * scales them itself, or the features that a network of heads takes. Its outputs have the names of the layers: `age` `[batch, 1]` in
 * years, `gender` `[batch, 2]`, and so on; a map is `<layer>/map` `[batch, height, width, channels]`, as everywhere in this project.
 */
import type * as tf from '@tensorflow/tfjs';
import { stepsOf, type WeightSpec } from '../graph/network';
import { OnnxBuilder } from '../graph/onnx-builder';
import { PIXEL_SCALE } from '../images/preprocess';
import { readWeights } from './layer-weights';

/** The bytes of the file; `metadata` becomes its metadata_props. Throws with a layer's name where `stepsOf` does not know it. */
export function onnxOf(model: tf.LayersModel, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const weights = readWeights(model);
  const steps = stepsOf(model);
  const shapeOf = new Map(steps.map(({ name, shape }) => [name, shape]));
  const onnx = new OnnxBuilder();
  const weight = ({ name, shape }: WeightSpec) => onnx.hold(name, shape, weights[name].values);
  const [{ name: first, shape: inputShape }] = steps;
  const isPixels = inputShape.length === 3;

  for (const step of steps) {
    const { name, from, shape } = step;
    if (step.kind === 'input' && isPixels) onnx.images(name, 1 / PIXEL_SCALE, -1);
    if (step.kind === 'convolution' || step.kind === 'depthwise') {
      const isDepthwise = step.kind === 'depthwise';
      const kernel = onnx.kernel(step.kernel.name, step.kernel.shape, weights[step.kernel.name].values, isDepthwise);
      const attributes = { strides: [step.stride, step.stride], auto_pad: 'SAME_UPPER', group: isDepthwise ? shape[2] : 1 };
      onnx.add('Conv', [...from, kernel, weight(step.bias)], name, attributes);
    }
    if (step.kind === 'relu6') onnx.add('Clip', [...from, onnx.scalar(`${name}/least`, 0), onnx.scalar(`${name}/most`, 6)], name);
    if (step.kind === 'add') onnx.add('Add', from, name);
    if (step.kind === 'pooling') onnx.add('Flatten', [onnx.add('GlobalAveragePool', from, `${name}/means`)], name);
    if (step.kind === 'dense') {
      const logits = step.activation === 'softmax' ? `${name}/logits` : name;
      onnx.add('Gemm', [...from, weight(step.kernel), ...(step.bias ? [weight(step.bias)] : [])], logits);
      if (step.activation === 'softmax') onnx.add('Softmax', [logits], name);
    }
  }

  const outputs = model.outputs.map(({ sourceLayer: { name } }) => {
    const shape = shapeOf.get(name) ?? [];
    return { name: shape.length === 3 ? onnx.channelsLast(name, `${name}/map`) : name, shape };
  });
  const input = isPixels ? ({ name: 'pixels', type: 'UINT8', shape: inputShape } as const) : { name: first, shape: inputShape };
  return onnx.encode(model.name, [input], outputs, metadata);
}
