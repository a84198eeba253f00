import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { InputError } from '../../lib/base/errors';
import { projectRoot } from '../../lib/base/project';
import { mobileNetV2Shapes } from '../../lib/model/mobilenet';
import { hashWeights, type NamedWeights, requireWeights } from '../../lib/model/weights';
import { foldBatchNorm, readKerasH5 } from '../../lib/tools/download/keras-h5';
import { readReference, referencePath } from '../reference/reference';
import { seededPixels } from '../reference/seeded-weights';

/** The layouts that Keras has written over the years; the three files hold the same weights. */
const LAYOUTS = ['legacy.h5', 'keras3.weights.h5', 'keras2018.h5'];

let folder = '';
before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'keras-'));
  await tf.setBackend('cpu');
});
after(() => rmSync(folder, { recursive: true }));

/** The network's beginning up to block 2, from folded weights alone. */
function forward(weights: NamedWeights, pixels: tf.Tensor4D): tf.Tensor4D {
  const convolve = (layer: string, x: tf.Tensor4D, stride: number, relu: boolean): tf.Tensor4D => {
    const of = (name: string) => tf.tensor(weights[`${layer}/${name}`].values, [...weights[`${layer}/${name}`].shape]);
    const filtered = layer.endsWith('depthwise')
      ? tf.depthwiseConv2d(x, of('depthwise_kernel').as4D(3, 3, x.shape[3], 1), stride, 'same')
      : tf.conv2d(x, of('kernel') as tf.Tensor4D, stride, 'same');
    const moved = filtered.add<tf.Tensor4D>(of('bias'));
    return relu ? tf.clipByValue(moved, 0, 6) : moved;
  };
  let x = convolve('Conv', pixels, 2, true);
  x = convolve('expanded_conv_project', convolve('expanded_conv_depthwise', x, 1, true), 1, false);
  for (const [block, stride] of [
    ['expanded_conv_1', 2],
    ['expanded_conv_2', 1],
  ] as const) {
    const wide = convolve(`${block}_depthwise`, convolve(`${block}_expand`, x, 1, true), stride, true);
    const narrow = convolve(`${block}_project`, wide, 1, false);
    x = stride === 1 ? x.add(narrow) : narrow;
  }
  return x;
}

for (const layout of LAYOUTS) {
  test(`${layout}, written by Keras with BatchNorm, gives folded what Keras gives unfolded`, async () => {
    const weights = await readKerasH5(referencePath(layout));
    assert.equal(Object.keys(weights).length, 18);
    const expected = readReference('h5').output;
    const output = tf.tidy(() => forward(weights, tf.tensor4d(seededPixels(1, 32), [1, 32, 32, 3])).dataSync());
    assert.equal(output.length, expected.length);
    for (const [index, value] of expected.entries())
      assert.ok(Math.abs(output[index] - value) < 1e-4, `${index}: ${output[index]}, ${value}`);
  });
}

test('every layout is read to the same weights', async () => {
  const hashes = await Promise.all(LAYOUTS.map(async (layout) => hashWeights(await readKerasH5(referencePath(layout)))));
  assert.equal(new Set(hashes).size, 1);
});

test('folding follows the formula, a bias of the convolution included', () => {
  const norm = {
    gamma: Float32Array.of(2, 3),
    beta: Float32Array.of(1, -1),
    mean: Float32Array.of(0.5, 4),
    variance: Float32Array.of(3.999, 0.249),
  };
  const folded = foldBatchNorm(Float32Array.of(1, 10, 2, 20), Float32Array.of(1.5, 5), norm);
  assert.deepEqual([...folded.kernel].map(Math.fround), [1, 60, 2, 120].map(Math.fround));
  assert.deepEqual(
    [...folded.bias].map((value) => Number(value.toFixed(5))),
    [2, 5],
  );
});

test('a file that is no HDF5 file, damaged, or of another network gets one line that names it', async () => {
  const complaint = (pattern: RegExp) => (error: unknown) =>
    error instanceof InputError && pattern.test(error.message) && !error.message.includes('\n');
  const text = path.join(folder, 'text.h5');
  writeFileSync(text, 'not weights');
  await assert.rejects(readKerasH5(text), complaint(/text\.h5: not an HDF5 file/));
  await assert.rejects(readKerasH5(path.join(folder, 'nowhere.h5')), complaint(/nowhere\.h5: cannot be read \(ENOENT/));
  const short = path.join(folder, 'short.h5');
  writeFileSync(short, readFileSync(referencePath('legacy.h5')).subarray(0, 40_000));
  await assert.rejects(readKerasH5(short), complaint(/short\.h5: its HDF5 cannot be read \(truncated file/));
  const weights = await readKerasH5(referencePath('legacy.h5'));
  assert.throws(
    () => requireWeights(weights, mobileNetV2Shapes(), 'legacy.h5'),
    complaint(/Conv\/kernel has the shape 3x3x3x16, expected 3x3x3x32/),
  );
});

test('a layer without its BatchNorm, or with a shorter one, is named', async () => {
  const { File, ready } = await import('h5wasm/node');
  await ready;
  const bare = path.join(folder, 'bare.h5');
  const file = new File(bare, 'w');
  file.create_group('Conv1').create_dataset({ name: 'kernel:0', data: new Float32Array(27), shape: [3, 3, 3, 1] });
  file.close();
  await assert.rejects(readKerasH5(bare), /bare\.h5: the layer Conv1 has no BatchNorm after it/);
  const other = path.join(folder, 'other.h5');
  const empty = new File(other, 'w');
  empty.create_group('dense').create_dataset({ name: 'kernel:0', data: new Float32Array(4), shape: [2, 2] });
  empty.close();
  await assert.rejects(readKerasH5(other), /other\.h5: no layer of a MobileNetV2 in it/);
  const shortNorm = path.join(folder, 'short-norm.h5');
  const uneven = new File(shortNorm, 'w');
  uneven.create_group('Conv_1').create_dataset({ name: 'kernel:0', data: new Float32Array(6), shape: [1, 1, 2, 3] });
  const norm = uneven.create_group('Conv_1_bn');
  for (const name of ['gamma', 'beta', 'moving_mean', 'moving_variance']) norm.create_dataset({ name, data: new Float32Array(2) });
  uneven.close();
  const whole = path.join(folder, 'whole-numbers.h5');
  const integers = new File(whole, 'w');
  integers.create_group('Conv_1').create_dataset({ name: 'kernel:0', data: new Float32Array(6), shape: [1, 1, 2, 3] });
  integers.create_group('Conv_1_bn').create_dataset({ name: 'gamma', data: new Int8Array(3) });
  integers.close();
  await assert.rejects(readKerasH5(whole), /whole-numbers\.h5: Conv_1_bn\/gamma holds 0 floating-point numbers, expected 3/);
  await assert.rejects(readKerasH5(shortNorm), /short-norm\.h5: Conv_1_bn\/gamma holds 2 floating-point numbers, expected 3/);
});

test('the HDF5 library loads in plain Node, without a TypeScript runner', () => {
  const script = "import('h5wasm/node').then(({ ready }) => ready).then(() => console.log('ready'))";
  assert.equal(execFileSync(process.execPath, ['-e', script], { cwd: projectRoot(), encoding: 'utf8' }), 'ready\n');
});
