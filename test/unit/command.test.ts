/** Commands as a shell calls them: from any folder, and into a pipe that closes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../lib/base/project';
import { succeeded } from '../command';
import { samplePhotoFile, temporaryFolder } from '../files';
import { rowsOf } from '../row-schema';

const PHOTO = samplePhotoFile();

/** A line of shell, as a person types it in `folder`. */
function shell(line: string, folder: string) {
  const { INIT_CWD: _, ...environment } = process.env; // npm's own, where these tests were started by npm
  const { status, signal, stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8', env: environment });
  return { code: status, signal, stdout, stderr };
}

test('a photo is named as the shell sees it, in a folder of the project', () => {
  const { stdout } = succeeded(shell(`npm run --silent predict -- "${path.basename(PHOTO)}"`, path.dirname(PHOTO)));
  assert.match(stdout, /^[^/]+\.\w+ {2}\d+ x \d+ px at -?\d+, -?\d+ +\d+ years \(\d+ to \d+\) /);
});

test('a pattern, a folder and a model are, from anywhere', (context) => {
  const folder = temporaryFolder(context);
  copyFileSync(PHOTO, path.join(folder, 'a.jpg'));
  const npm = `npm run --silent --prefix "${projectRoot()}" predict --`;
  const { stdout } = succeeded(shell(`mkdir -p b && cp a.jpg b && ${npm} "*.jpg" b --json`, folder));
  assert.deepEqual(
    rowsOf(stdout).map(({ file }) => file),
    ['a.jpg', path.join('b', 'a.jpg')],
  );
  const { stderr } = shell(`${npm} a.jpg --model b`, folder);
  assert.match(stderr, new RegExp(`${path.join(folder, 'b')}.*model\\.json`));
});

test('data is named as the shell sees it', (context) => {
  const folder = temporaryFolder(context);
  const { stderr } = shell(`mkdir b && npm run --silent --prefix "${projectRoot()}" catalog -- --data b`, folder);
  assert.match(stderr, new RegExp(`^${path.join(folder, 'b')}: the folder is empty`));
});

test('a pipe that closes ends a command without a word', () => {
  const line = `"${process.execPath}" --import tsx lib/tools/cli/main.ts predict "${PHOTO}" | true; echo "\${PIPESTATUS[0]}"`;
  assert.deepEqual(succeeded(shell(line, projectRoot())), { code: 0, signal: null, stdout: '0\n', stderr: '' });
});
