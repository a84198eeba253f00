/** Where the native engine cannot be: predictions are the same, and training is refused in one line. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { runCommand, succeeded } from '../command';
import { sampleFace, temporaryFolder } from '../files';
import { rowsOf } from '../row-schema';

const WASM = { COURSE_ENGINE: 'wasm' };

test('WebAssembly predicts what the native engine predicts', async (context) => {
  const file = path.join(temporaryFolder(context), 'face.jpg');
  writeFileSync(file, await sampleFace(200));
  const [native, wasm] = [{}, WASM].map((environment) => {
    const { stdout } = succeeded(runCommand(['predict', '--aligned', '--json', file], environment));
    return rowsOf(stdout)[0].faces[0];
  });
  assert.ok(Math.abs(native.ageYears - wasm.ageYears) < 0.11, `${native.ageYears} and ${wasm.ageYears} years`);
  assert.ok(Math.abs(native.gender.female - wasm.gender.female) < 2e-3);
});

test('WebAssembly refuses the walkthrough in one line before its first notebook, and makes nothing', () => {
  const name = `zz-wasm-${process.pid}`;
  const { code, stdout, stderr } = runCommand(['walkthrough', '--run', name], WASM);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.equal(stderr, 'The walkthrough trains, which needs the native engine. npm run doctor says what is missing.\n');
  assert.ok(!existsSync(projectPath('outputs', name)));
});

for (const preset of ['demo', 'best']) {
  test(`WebAssembly refuses to train preset ${preset} in one line that says what to do, and makes nothing`, () => {
    const name = `zz-wasm-${process.pid}`;
    const { code, stdout, stderr } = runCommand(['train', '--preset', preset, '--limit', '60', '--epochs', '1', '--run', name], WASM);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^Training needs the native engine, and this is .*WebAssembly.*\. npm run doctor says what is missing\.$/m);
    assert.ok(!existsSync(projectPath('outputs', name)));
  });
}
