/** The engine: native TensorFlow here, WebAssembly where it is asked for or nothing else loads. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { nativeTensorFlow, openEngine } from '../../lib/base/engine';
import { projectPath, projectRoot } from '../../lib/base/project';
import { ensureSetup } from '../../lib/tools/setup';

const run = promisify(execFile);
const PRODUCT = [19, 22, 43, 50];

before(() => ensureSetup('engine'));

test('the native engine opens once, names the pinned TensorFlow and multiplies matrices', async () => {
  const [, pinned] = /^tensorflow-cpu==(\S+)/m.exec(readFileSync(projectPath('requirements-tensorflow.txt'), 'utf8')) ?? [];
  const engine = await openEngine();
  assert.equal(engine.kind, 'native');
  assert.match(engine.description, new RegExp(`^TensorFlow ${pinned}, native, \\d+ cores?$`));
  assert.equal(await openEngine(), engine);
  assert.equal(tf.getBackend(), 'tensorflow');
  const product = tf.tidy(() =>
    tf
      .matMul(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
        tf.tensor2d([
          [5, 6],
          [7, 8],
        ]),
      )
      .dataSync(),
  );
  assert.deepEqual([...product], PRODUCT);
});

test('tfjs and tfjs-node share one core, so that tensors of one are tensors of the other', async () => {
  await openEngine();
  assert.equal(nativeTensorFlow().backend(), tf.backend());
  assert.equal(nativeTensorFlow().engine(), tf.engine());
});

test('a training process shares batches among few cores, unless threads are set from outside', async () => {
  const script = `
    const { openEngine, batchParts } = require(${JSON.stringify(projectPath('lib', 'base', 'engine.ts'))});
    openEngine({ training: true }).then(() => console.log(JSON.stringify([batchParts(), process.env.TF_NUM_INTRAOP_THREADS])));`;
  const partsWith = async (env: NodeJS.ProcessEnv) => {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', '-e', script], {
      cwd: projectRoot(),
      env: { ...process.env, ...env },
    });
    return JSON.parse(stdout);
  };
  const cores = availableParallelism();
  if (cores <= 4) assert.deepEqual(await partsWith({}), [cores, '1']);
  assert.deepEqual(await partsWith({ TF_NUM_INTRAOP_THREADS: '3' }), [1, '3']);
});

test('WebAssembly computes the same and says in one line what it costs', async () => {
  const script = `
    const { openEngine, nativeTensorFlow } = require(${JSON.stringify(projectPath('lib', 'base', 'engine.ts'))});
    const tf = require('@tensorflow/tfjs');
    openEngine().then(({ kind, costs }) => {
      const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync();
      let refused;
      try { nativeTensorFlow(); } catch (error) { refused = error.name; }
      console.log(JSON.stringify({ kind, costs, product: [...product], refused }));
    });`;
  const words = ['--import', 'tsx', '-e', script];
  const { stdout, stderr } = await run(process.execPath, words, { cwd: projectRoot(), env: { ...process.env, COURSE_ENGINE: 'wasm' } });
  const { kind, costs, product, refused } = JSON.parse(stdout);
  assert.deepEqual({ kind, product, refused }, { kind: 'wasm', product: PRODUCT, refused: 'InputError' });
  assert.match(costs, /it cannot train/);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.match(stderr, /^Engine: WebAssembly instead of native TensorFlow \(COURSE_ENGINE=wasm asks for it\)\. /);
});
