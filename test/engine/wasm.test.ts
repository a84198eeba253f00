/** Where the native engine cannot be: predictions are the same, heads can be trained, and the rest is refused in one line. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import type { EpochRecord } from '../../lib/training/history';
import { runCommand, succeeded } from '../command';

const WASM = { COURSE_ENGINE: 'wasm' };

test('WebAssembly predicts what the native engine predicts', () => {
  const [native, wasm] = [{}, WASM].map((environment) => {
    const { stdout } = succeeded(runCommand(['predict', '--json', 'data/my image/eileen-collins.jpg'], environment));
    return JSON.parse(stdout)[0];
  });
  assert.ok(Math.abs(native.ageYears - wasm.ageYears) < 0.01, `${native.ageYears} and ${wasm.ageYears} years`);
  assert.ok(Math.abs(native.femaleProbability - wasm.femaleProbability) < 1e-3);
});

test('WebAssembly trains the heads, and refuses the base in one line that says what to do', (context) => {
  const name = `zz-wasm-${process.pid}`;
  const folder = projectPath('outputs', name);
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const { code, stderr } = runCommand(['train', '--limit', '60', '--epochs', '1', '--image-size', '32', '--run', name], WASM);
  assert.equal(code, 1);
  assert.match(stderr, /Engine: WebAssembly/);
  assert.match(stderr, /trainable "all": the .*WebAssembly.* engine trains "heads" only\. Run npm run doctor/);
  const history = readJson<EpochRecord[]>(path.join(folder, 'history.json'));
  assert.deepEqual(
    history.map(({ session }) => session),
    [1],
  );
});
