/** A walkthrough that does not come to its end: by a notebook that fails, and by a terminal that is closed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, watch } from 'node:fs';
import path from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { ensureSetup } from '../../lib/tools/setup';
import { runCommand } from '../command';
import { blotches, temporaryFolder, writeFiles } from '../files';
import { notebookOf, scratchProject } from '../scratch';

before(() => ensureSetup('jupyter'));

/** A project with these notebooks and a few faces; and the words that walk through them. */
async function projectWith(context: TestContext, notebooks: Readonly<Record<string, readonly string[]>>) {
  const project = scratchProject(context, ['notebooks/kernel']);
  for (const [name, cells] of Object.entries(notebooks)) writeFiles(project, { [`notebooks/${name}`]: notebookOf(cells) });
  for (let face = 0; face < 12; face++) {
    writeFiles(project, { [`faces/${20 + face}_${face % 2}_0_201701010000000${10 + face}.jpg`]: await blotches(face) });
  }
  return { project, words: ['walkthrough', '--run', 'walk', '--data', 'faces', '--weights', 'bundled'] };
}

test('a notebook that fails ends the walkthrough, and the pages of the others can be read', async (context) => {
  const { project, words } = await projectWith(context, {
    '01-fine.ipynb': ["console.log('all is well');"],
    '02-fails.ipynb': ["console.log('so far');", "throw new Error('as planned');"],
    '03-never.ipynb': ['1 + 1;'],
  });
  const { code, stdout, stderr } = runCommand(words, {}, project);
  assert.equal(code, 1);
  assert.match(stderr.trimEnd().split('\n').at(-1) ?? '', /^notebooks\/02-fails\.ipynb failed in cell 2: Error: as planned/);
  assert.match(stdout, /^What was made until then: outputs\/walk\/reports\/index\.html$/m);
  const reports = path.join(project, 'outputs', 'walk', 'reports');
  assert.deepEqual(readdirSync(reports).sort(), ['01-fine.html', '02-fails.html', 'index.html', 'model-card.html']);
  assert.match(readFileSync(path.join(reports, '01-fine.html'), 'utf8'), /all is well/);
  assert.match(readFileSync(path.join(reports, '02-fails.html'), 'utf8'), /so far[\s\S]*as planned/);
});

test('a walkthrough whose terminal is closed takes its kernel with it', async (context) => {
  const folder = temporaryFolder(context);
  const kernelFile = path.join(folder, 'kernel');
  const { project, words } = await projectWith(context, {
    '01-long.ipynb': [
      `require('node:fs').writeFileSync(${JSON.stringify(kernelFile)}, String(process.pid));`,
      'await new Promise((resolve) => setTimeout(resolve, 600_000));',
    ],
  });
  const started = once(watch(folder, { persistent: false }), 'change');
  const command = ['--import', 'tsx', 'lib/tools/cli/main.ts', ...words];
  const walking = spawn(process.execPath, command, { cwd: project, env: { ...process.env, INIT_CWD: project }, stdio: 'ignore' });
  const ended = once(walking, 'close');
  await Promise.race([started, ended.then(([code]) => assert.fail(`it ended with ${code}`))]);
  walking.kill('SIGHUP');
  const [code] = await ended;
  assert.equal(code, 130);
  assert.throws(() => process.kill(Number(readFileSync(kernelFile, 'utf8')), 0), /ESRCH/);
});
