/** Models for other runtimes: the files are complete, say what they have to, and answer as the layers do. Python reads them in test/full. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { fromBufferPromise } from 'yauzl';
import { nativeTensorFlow, onnxRuntime } from '../../lib/base/engine';
import { projectPath, projectRoot } from '../../lib/base/project';
import { buildFaceModel } from '../../lib/model/face-model';
import { AGE_BINS } from '../../lib/model/interval';
import { kerasFileOf } from '../../lib/model/keras-file';
import { readWeights, writeWeights } from '../../lib/model/layer-weights';
import { loadFacts, loadModel, type ModelFacts, saveModel } from '../../lib/model/model-folder';
import { onnxOf } from '../../lib/model/onnx';
import { shapeSize } from '../../lib/model/weights';
import { notesOf } from '../../lib/tools/cli/export';
import { runCommand, succeeded } from '../command';
import { openNativeEngine } from '../native-engine';
import { seededBase, seededFeatures, seededHeads, seededImages, seededPixels } from '../reference/seeded-weights';

const SIZE_PX = 64;
const FACTS: ModelFacts = {
  sizePx: SIZE_PX,
  baseline: { meanAgeYears: 33, medianAgeYears: 29, majorityGender: 0 },
  provenance: { run: 'some', data: { kind: 'archive', label: 'faces.zip' }, weights: { kind: 'imagenet' } },
  ageIntervals: { coverage: 0.8, calibrationFaces: 9, bands: [{ faces: 9, meanAgeYears: 30, marginYears: 4.5 }] },
};

let folder = '';
before(async () => {
  await openNativeEngine();
  folder = mkdtempSync(path.join(os.tmpdir(), 'export-'));
});
after(() => rmSync(folder, { recursive: true }));

function seededModel(ageHead: 'unit' | 'distribution') {
  const model = buildFaceModel(SIZE_PX, seededBase(), ageHead);
  if (ageHead === 'unit') writeWeights(model.full, seededHeads());
  else {
    const { 'age_distribution/kernel': kernel } = readWeights(model.full);
    const values = Float32Array.from(kernel.values, (_, index) => 0.2 * Math.sin(index));
    writeWeights(model.full, {
      ...seededHeads(),
      'age/kernel': readWeights(model.full)['age/kernel'],
      'age_distribution/kernel': { ...kernel, values },
    });
  }
  return model;
}

/** Saved and loaded, as it is exported: with the distribution, where there is one, third. */
async function savedModel(ageHead: 'unit' | 'distribution') {
  const target = path.join(folder, ageHead);
  await saveModel(target, seededModel(ageHead), { facts: FACTS });
  return { target, ...(await loadModel(target)) };
}

function byLayers(model: tf.LayersModel, inputs: Float32Array): number[][] {
  const shape = model.inputs[0].shape.slice(1) as number[];
  return tf.tidy(() => {
    const outputs = [model.predict(tf.tensor(inputs, [inputs.length / shapeSize(shape), ...shape]))].flat() as tf.Tensor[];
    return outputs.map((output) => [...output.dataSync()]);
  });
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  const worst = Array.from(expected).reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index])), 0);
  assert.ok(worst < 1e-4, `differs by ${worst}`);
}

async function openOnnx(bytes: Uint8Array) {
  const runtime = onnxRuntime();
  assert.ok(runtime, 'ONNX Runtime has no build for this machine');
  return { runtime, session: await runtime.InferenceSession.create(bytes) };
}

async function readZip(bytes: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const content = await buffer(await zip.openReadStreamPromise(entry));
    assert.equal(crc32(content), entry.crc32);
    files.set(entry.fileName, content);
  }
  return files;
}

const HEADS = [
  [
    'unit',
    [
      ['age', 1],
      ['gender', 2],
    ],
  ],
  [
    'distribution',
    [
      ['age', 1],
      ['gender', 2],
      ['age_distribution', AGE_BINS],
    ],
  ],
] as const;

for (const [ageHead, outputs] of HEADS) {
  test(`as ONNX a network whose age is a ${ageHead} takes pixels as they are, and answers by name as its layers do`, async () => {
    const { model } = await savedModel(ageHead);
    const { runtime, session } = await openOnnx(onnxOf(model));
    assert.deepEqual(session.inputMetadata, [{ name: 'pixels', isTensor: true, type: 'uint8', shape: ['batch', SIZE_PX, SIZE_PX, 3] }]);
    assert.deepEqual(
      session.outputMetadata,
      outputs.map(([name, units]) => ({ name, isTensor: true, type: 'float32', shape: ['batch', units] })),
    );
    const answers = await session.run({ pixels: new runtime.Tensor('uint8', seededImages(3, SIZE_PX), [3, SIZE_PX, SIZE_PX, 3]) });
    const expected = byLayers(model, seededPixels(3, SIZE_PX));
    for (const [index, [name]] of outputs.entries()) near(answers[name].data as Float32Array, expected[index]);
    model.dispose();
  });

  test(`as a Keras file it is whole where its age is a ${ageHead}: each layer after those it takes from, each weight once, where Keras looks`, async () => {
    const { model } = await savedModel(ageHead);
    const files = await readZip(await kerasFileOf(model, { licence: 'a' }));
    assert.deepEqual([...files.keys()], ['metadata.json', 'config.json', 'model.weights.h5']);
    assert.equal(JSON.parse(`${files.get('metadata.json')}`).licence, 'a');
    const { class_name, config } = JSON.parse(`${files.get('config.json')}`);
    assert.equal(class_name, 'Model');
    assert.deepEqual(config.input_layers, ['pixels', 0, 0]);
    assert.deepEqual(config.output_layers, Object.fromEntries(outputs.map(([name]) => [name, [name, 0, 0]])));

    const done = new Set<string>();
    const layers: { readonly name: string; readonly class_name: string; readonly inbound_nodes: { args: unknown[] }[] }[] = config.layers;
    for (const { name, inbound_nodes } of layers) {
      const histories = [...JSON.stringify(inbound_nodes).matchAll(/"keras_history":\["([^"]+)",0,0\]/g)].map(([, from]) => from);
      assert.ok(
        histories.every((from) => done.has(from)),
        `${name} takes from ${histories}`,
      );
      assert.ok(!done.has(name), `${name} is there twice`);
      done.add(name);
    }
    assert.deepEqual([...done].sort(), [...model.layers.map(({ name }) => name), 'pixels'].sort());

    const h5wasm = await import('h5wasm/node');
    await h5wasm.ready;
    const file = path.join(folder, `${ageHead}.h5`);
    writeFileSync(file, files.get('model.weights.h5') ?? '');
    const h5 = new h5wasm.File(file, 'r');
    const expected = readWeights(model);
    const groups: Readonly<Record<string, string>> = { Conv2D: 'conv2d', DepthwiseConv2D: 'depthwise_conv2d', Dense: 'dense' };
    const seen: Record<string, number> = {};
    const read: string[] = [];
    for (const { name, class_name: kind } of layers.filter(({ class_name }) => class_name in groups)) {
      const number = seen[kind] ?? 0;
      seen[kind] = number + 1;
      const weights = Object.keys(expected).filter((weight) => weight.startsWith(`${name}/`));
      const variables = h5.get(`layers/${groups[kind]}${number === 0 ? '' : `_${number}`}/vars`);
      assert.ok(variables instanceof h5wasm.Group, name);
      assert.deepEqual(
        variables.keys(),
        weights.map((_, index) => `${index}`),
      );
      for (const [index, weight] of weights.entries()) {
        const dataset = variables.get(`${index}`);
        assert.ok(dataset instanceof h5wasm.Dataset);
        assert.deepEqual(dataset.shape, expected[weight].shape);
        assert.deepEqual(dataset.value, expected[weight].values);
        read.push(weight);
      }
    }
    const layersGroup = h5.get('layers');
    assert.ok(layersGroup instanceof h5wasm.Group);
    assert.equal(
      layersGroup.keys().length,
      Object.values(seen).reduce((sum, count) => sum + count),
    );
    h5.close();
    assert.deepEqual(read.sort(), Object.keys(expected).sort());
    model.dispose();
  });
}

test('as ONNX heads alone take features, and a map of features is told with its channels last', async () => {
  const { heads, full, base } = seededModel('unit');
  const ofHeads = await openOnnx(onnxOf(heads));
  const [input] = ofHeads.session.inputNames;
  const features = seededFeatures(3);
  const answers = await ofHeads.session.run({ [input]: new ofHeads.runtime.Tensor('float32', features, [3, 1280]) });
  const expected = byLayers(heads, features);
  for (const [index, name] of ['age', 'gender'].entries()) near(answers[name].data as Float32Array, expected[index]);

  const pooled = base.outputs[0].inputs[0];
  const maps = tf.model({ inputs: base.inputs, outputs: pooled });
  const ofMaps = await openOnnx(onnxOf(maps));
  const name = `${pooled.sourceLayer.name}/map`;
  assert.deepEqual(ofMaps.session.outputNames, [name]);
  const pixels = new ofMaps.runtime.Tensor('uint8', seededImages(2, SIZE_PX), [2, SIZE_PX, SIZE_PX, 3]);
  const { [name]: map } = await ofMaps.session.run({ pixels });
  assert.deepEqual(map.dims, [2, SIZE_PX / 32, SIZE_PX / 32, 1280]);
  near(map.data as Float32Array, byLayers(maps, seededPixels(2, SIZE_PX))[0]);
  full.dispose();
});

test('heads alone and maps are Keras files too', async () => {
  const { heads, base, full } = seededModel('unit');
  const maps = tf.model({ inputs: base.inputs, outputs: base.outputs[0].inputs[0] });
  for (const [model, input, dtype] of [
    [heads, heads.inputNames[0], 'float32'],
    [maps, 'pixels', 'uint8'],
  ] as const) {
    const { config } = JSON.parse(`${(await readZip(await kerasFileOf(model))).get('config.json')}`);
    assert.deepEqual(config.input_layers, [input, 0, 0]);
    assert.equal(config.layers[0].config.dtype, dtype);
    assert.deepEqual(Object.keys(config.output_layers), model.outputNames);
  }
  full.dispose();
});

test('what a file says of itself: how to frame and scale, what the answers are, on which terms, whence; and no path of this machine', async () => {
  const { model } = await savedModel('distribution');
  const noted = (provenance: ModelFacts['provenance']) => notesOf({ facts: { ...FACTS, provenance }, model }, 'uint8');
  const bundled = loadFacts(projectPath('data', 'model'));
  const notes = noted(bundled.provenance);
  assert.deepEqual(Object.keys(notes), ['size_px', 'input', 'framing', 'outputs', 'age_intervals', 'licence', 'provenance']);
  assert.equal(notes.size_px, '64');
  assert.match(notes.input, /^RGB, uint8/);
  assert.match(notes.framing, /eyes and mouth at \[\[0\.295,0\.294\],\[0\.689,0\.295\],\[0\.493,0\.706\]\]/);
  assert.match(notes.outputs, /age: years; .* 0 male and 1 female, perceived, binary, as annotated; age_distribution: /);
  assert.deepEqual(JSON.parse(notes.age_intervals), FACTS.ageIntervals);
  assert.deepEqual(JSON.parse(notes.provenance), bundled.provenance);
  for (const local of [projectRoot(), os.homedir(), os.tmpdir(), os.hostname()]) assert.ok(!JSON.stringify(notes).includes(local), local);
  assert.match(notes.licence, /\(UTKFace\.tar\.gz\) .*non-commercial research only.*Apache License 2\.0/);

  const drawn = { kind: 'drawn', label: 'drawn faces' };
  assert.match(noted({ data: drawn, weights: { kind: 'imagenet' } }).licence, /^MIT\. /);
  assert.match(
    noted({ data: drawn, weights: { kind: 'bundled' } }).licence,
    /non-commercial/,
    'the bundled weights have learned from UTKFace',
  );
  assert.match(noted({}).licence, /\(unknown\).*non-commercial/);
  model.dispose();
});

test('the command writes all three, the folder as stock tfjs reads it, each with what it says of itself, and replaces what it wrote', async () => {
  const { target: source, model } = await savedModel('unit');
  const targets = Object.fromEntries(['onnx', 'keras', 'tfjs'].map((format) => [format, path.join(folder, 'made', `faces.${format}`)]));
  for (const [format, target] of Object.entries(targets)) {
    const words = ['export', '--model', source, '--format', format, '--out', target];
    const { stdout } = succeeded(runCommand(words));
    assert.ok(stdout.startsWith(`${target}: 9 MB. To load it:\n\n`), stdout);
    assert.equal(stdout.trimEnd().split('\n').length, 5);
    assert.ok(stdout.includes(JSON.stringify(target)) && stdout.includes('[1, 64, 64, 3]'), stdout);
  }
  const first = readFileSync(targets.onnx);
  succeeded(runCommand(['export', '--model', source, '--out', targets.onnx]));
  assert.ok(readFileSync(targets.onnx).equals(first), 'ONNX is the default, and the same model makes the same file');

  const notes = notesOf({ facts: FACTS, model }, 'uint8, scaled inside: x / 127.5 - 1');
  assert.ok(first.equals(onnxOf(model, notes)));
  const { keras_version, ...said } = JSON.parse(`${(await readZip(readFileSync(targets.keras))).get('metadata.json')}`);
  assert.deepEqual(said, notes);
  const stock = await tf.loadLayersModel(nativeTensorFlow().io.fileSystem(path.join(targets.tfjs, 'model.json')));
  const { notes: inFolder, ...facts } = stock.getUserDefinedMetadata() as ModelFacts & { readonly notes: typeof notes };
  assert.deepEqual(facts, FACTS);
  assert.deepEqual(inFolder, { ...notes, input: 'RGB, float32, scaled already: x / 127.5 - 1' });
  assert.deepEqual(byLayers(stock, seededPixels(2, SIZE_PX)), byLayers(model, seededPixels(2, SIZE_PX)));
  stock.dispose();
  model.dispose();
});

test('an unknown format, and a place that cannot be what is to be written, are wrong usage', async () => {
  const { target: source, model } = await savedModel('unit');
  model.dispose();
  const there = path.join(folder, 'there');
  mkdirSync(there);
  for (const [words, message] of [
    [['--format', 'tflite'], '--format tflite: expected onnx, keras or tfjs.'],
    [['--format', 'toString'], '--format toString: expected onnx, keras or tfjs.'],
    [['--out', there], `--out ${there}: expected a file for onnx, one that ends in .keras for keras, a folder for tfjs.`],
    [['--format', 'keras', '--out', `${there}/faces.h5`], `--out ${there}/faces.h5: expected a file for onnx,`],
    [['--format', 'tfjs', '--out', path.join(source, 'model.json')], `--out ${path.join(source, 'model.json')}: expected a file for onnx,`],
  ] as const) {
    const { code, stderr } = runCommand(['export', '--model', source, ...words]);
    assert.equal(code, 2, stderr);
    assert.ok(stderr.startsWith(message), stderr);
  }
  assert.ok(statSync(path.join(source, 'model.json')).isFile());
});
