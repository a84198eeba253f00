/** What TensorFlow itself writes to the terminal. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, test } from 'node:test';
import { projectPath, projectRoot } from '../../lib/base/project';
import { ensureSetup } from '../../lib/tools/setup';

before(() => ensureSetup('engine'));

/** What a process writes to stderr that runs this with `openEngine` at hand. */
function stderrOf(script: string, environment: Readonly<Record<string, string>> = {}): string {
  const modules = ['base/engine', 'graph/builder', 'graph/session'].map((file) => JSON.stringify(projectPath('lib', `${file}.ts`)));
  const [engine, builder, session] = modules.map((file) => `require(${file})`);
  const names = `const { openEngine } = ${engine}, { GraphBuilder } = ${builder}, { GraphSession } = ${session};`;
  const words = ['--import', 'tsx', '-e', `${names}\n${script}`];
  return spawnSync(process.execPath, words, { cwd: projectRoot(), encoding: 'utf8', env: { ...process.env, ...environment } }).stderr;
}

test('its notes do not reach the screen, unless they are asked for', () => {
  // A graph is compiled, of which TensorFlow has something to say.
  const script = `openEngine().then(() => {
    const graph = new GraphBuilder();
    const sum = graph.add('AddV2', [graph.floats([1]), graph.floats([2])]);
    new GraphSession(graph.nodes).run([], [sum]);
  });`;
  assert.equal(stderrOf(script), '');
  assert.match(stderrOf(script, { TF_CPP_MIN_LOG_LEVEL: '0' }), /MLIR V1 optimization pass is not enabled/);
});

test('its errors do', () => {
  const script = `
    const tf = require('@tensorflow/tfjs');
    openEngine().then(() => {
      const backend = tf.backend();
      const text = (name, value) => ({ name, type: backend.binding.TF_ATTR_STRING, value });
      for (const level of ['info', 'warning', 'error']) {
        const log = [text('output_stream', 'log(' + level + ')'), text('end', '')];
        backend.executeMultipleOutputs('PrintV2', log, [tf.tensor(['of level ' + level], [], 'string')], 0);
      }
    });`;
  assert.match(stderrOf(script), /^[^\n]* of level error\n$/);
});
