/** The doctor names what is here, and the one command for what is not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { projectPath, projectRoot } from '../../lib/base/project';
import { ensureSetup } from '../../lib/tools/setup';
import { runCommand, succeeded } from '../command';
import { blotches, writeFiles } from '../files';
import { scratchProject } from '../scratch';

before(() => ensureSetup('jupyter'));

function doctor(environment: Readonly<Record<string, string>>) {
  const words = ['--import', 'tsx', projectPath('lib', 'tools', 'cli', 'main.ts'), 'doctor'];
  return spawnSync(process.execPath, words, { cwd: projectRoot(), encoding: 'utf8', env: { ...process.env, ...environment } });
}

test('the doctor prints engine, versions, data, weights and disk', () => {
  const { stdout } = doctor({});
  for (const expected of [
    /^ok +Node +\d+\.\d+\.\d+$/m,
    /^ok +npm packages +@tensorflow\/tfjs 4\.22\.0, .*tslab 1\.0\.22/m,
    /^ok +Engine +TensorFlow 2\.20\.0, native, \d+ cores?$/m,
    /^ok +Python +python3.*, Python 3\.\d+/m,
    /^ok +Jupyter +jupyterlab 4\.6\.6, nbclient 0\.11\.0, nbconvert 7\.17\.2$/m,
    /UTKFace/,
    /ImageNet weights/,
    /Bundled model/,
    /Disk +.*GB/,
  ]) {
    assert.match(stdout, expected);
  }
});

test('for what is missing the doctor gives the command that mends it, and fails', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'doctor-'));
  try {
    const { stdout, status } = doctor({ PATH: folder });
    assert.match(stdout, /^MISSING +Python +mend: sudo apt-get install python3 python3-venv$/m);
    assert.match(stdout, /^none +Chromium +mend: sudo apt-get install chromium/m);
    assert.equal(status, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what the doctor tells to run for data and weights are commands that work, until what they fetch is there', (context) => {
  const project = scratchProject(context);
  const { stdout: before } = runCommand(['doctor'], {}, project);
  const [faces, weights] = ['UTKFace', 'ImageNet weights'].map(
    (name) => new RegExp(`^none +${name} +mend: npm run (download -- \\S+)`, 'm').exec(before)?.[1],
  );
  assert.deepEqual([faces, weights], ['download -- utkface', 'download -- weights']);
  // Terms that nobody accepts: the command is understood, and fetches nothing.
  assert.match(runCommand(['download', 'utkface'], {}, project).stderr, /UTKFace was not downloaded: read the terms/);

  writeFiles(project, {
    'data/cache/UTKFace.tar.gz': Buffer.alloc(2e6),
    'data/cache/pixels-96-0123456789abcdef.u8': Buffer.alloc(3e6),
    'data/weights/mobilenet.h5': '',
    'data/weights/mobilenet-01234567/model.json': '',
  });
  const { stdout: after } = runCommand(['doctor'], {}, project);
  assert.match(after, /^ok +UTKFace +--data data\/cache\/UTKFace\.tar\.gz$/m);
  assert.match(after, /^ok +ImageNet weights +data\/weights: mobilenet-01234567$/m);
  assert.match(after, /^ok +Cache +downloads 2 MB, pixels 3 MB mend: npm run doctor -- --clean-cache \(3 MB that no run needs\)$/m);
});

test('what an unfinished run has decoded and computed is kept for it, until it is finished', async (context) => {
  const project = scratchProject(context);
  for (let face = 0; face < 20; face++) {
    writeFiles(project, { [`faces/${20 + face}_${face % 2}_0_201701010000000${10 + face}.jpg`]: await blotches(face) });
  }
  const settings = ['--data', 'faces', '--weights', 'bundled', '--image-size', '32', '--epochs', '1'];
  succeeded(runCommand(['train', '--run', 'small', ...settings], {}, project));
  const cached = () => readdirSync(path.join(project, 'data', 'cache')).map((name) => name.split('-')[0]);
  const metrics = path.join(project, 'outputs', 'small', 'metrics.json');
  renameSync(metrics, `${metrics}.later`);
  runCommand(['doctor', '--clean-cache'], {}, project);
  assert.deepEqual(cached().sort(), ['catalog', 'features', 'pixels']);
  renameSync(`${metrics}.later`, metrics);
  runCommand(['doctor', '--clean-cache'], {}, project);
  assert.deepEqual(cached(), ['catalog']);
});
