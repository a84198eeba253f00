/** What TensorFlow itself writes to the terminal. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { projectPath, projectRoot } from '../../lib/base/project';
import { ensureSetup } from '../../lib/tools/setup';
import { runCommand } from '../command';
import { samplePhotoFile, temporaryFolder } from '../files';

before(() => ensureSetup('engine'));

test('its notes do not reach the screen, unless they are asked for', (context) => {
  const folder = temporaryFolder(context);
  // So many photos that a graph is compiled for them, of which TensorFlow has something to say.
  for (let copy = 0; copy < 12; copy++) copyFileSync(samplePhotoFile(), path.join(folder, `${copy}.jpg`));
  assert.match(runCommand(['predict', folder]).stderr, /^(?:Predicting: .*\n)+$/);
  assert.match(runCommand(['predict', folder], { TF_CPP_MIN_LOG_LEVEL: '0' }).stderr, /MLIR V1 optimization pass is not enabled/);
});

test('its errors do', () => {
  const script = `
    const { openEngine } = require(${JSON.stringify(projectPath('lib', 'base', 'engine.ts'))});
    const tf = require('@tensorflow/tfjs');
    openEngine().then(() => {
      const backend = tf.backend();
      const text = (name, value) => ({ name, type: backend.binding.TF_ATTR_STRING, value });
      for (const level of ['info', 'warning', 'error']) {
        const log = [text('output_stream', 'log(' + level + ')'), text('end', '')];
        backend.executeMultipleOutputs('PrintV2', log, [tf.tensor(['of level ' + level], [], 'string')], 0);
      }
    });`;
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], { cwd: projectRoot(), encoding: 'utf8' });
  assert.match(stderr, /^[^\n]* of level error\n$/);
});
