/** Setup: quick when there is nothing to do, one at a time, and it stays inside the project's folder. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { projectPath, projectRoot } from '../../lib/base/project';
import { ensureSetup, setUpAlone } from '../../lib/tools/setup';
import { hasAddon } from '../../lib/tools/setup/engine';
import { hasJupyter } from '../../lib/tools/setup/python';
import { runTool } from '../../lib/tools/setup/tool';

const run = promisify(execFile);
const folder = mkdtempSync(path.join(os.tmpdir(), 'setup-'));
const NOBODY = 65_534;

before(() => ensureSetup('jupyter'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('once everything is there, setup looks and leaves within 100 ms', async () => {
  assert.ok(hasAddon() && hasJupyter());
  const startedMs = performance.now();
  await ensureSetup('jupyter');
  await ensureSetup('engine');
  assert.ok(performance.now() - startedMs < 200, `${performance.now() - startedMs} ms for two calls`);
});

/** Runs lines of TypeScript in a process of its own, with `setUpAlone` at hand. */
function spawnSetup(lines: string): ChildProcess {
  const script = `const { setUpAlone } = require(${JSON.stringify(projectPath('lib', 'tools', 'setup', 'index.ts'))}); ${lines}`;
  return spawn(process.execPath, ['--import', 'tsx', '-e', script], { cwd: projectRoot(), stdio: ['ignore', 'pipe', 'pipe'] });
}

test('two setups at once do their work one after the other, and the second says that it waits', async () => {
  const events: string[] = [];
  const setups = ['one', 'two'].map((name) => {
    const setup = spawnSetup(`setUpAlone(async () => {
      console.log('begins');
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log('ends');
    });`);
    createInterface(setup.stdout!).on('line', (event) => events.push(`${name} ${event}`));
    createInterface(setup.stderr!).on('line', (line) => events.push(line));
    return once(setup, 'close');
  });
  await Promise.all(setups);
  const waiting = 'Another setup is under way in this folder: waiting for it.';
  assert.ok(events.includes(waiting), events.join());
  const work = events.filter((event) => event !== waiting);
  assert.deepEqual(
    work.map((event) => event.split(' ')[1]),
    ['begins', 'ends', 'begins', 'ends'],
  );
  assert.equal(work[0].split(' ')[0], work[1].split(' ')[0]);
});

test('a setup that was killed is not waited for', async () => {
  const killed = spawnSetup("setUpAlone(() => new Promise(() => { setInterval(() => {}, 1000); console.log('begins'); }));");
  await once(createInterface(killed.stdout!), 'line');
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const startedMs = performance.now();
  await setUpAlone(async () => {});
  assert.ok(performance.now() - startedMs < 2000);
});

test('a program that fails is told in one line with what to do', async () => {
  const script = "console.error('ERROR: no matching distribution'); process.exit(2)";
  await assert.rejects(runTool(process.execPath, ['-e', script], { doing: 'Installing tea', mend: 'Buy some.' }), {
    name: 'InputError',
    message: /^Installing tea failed: ERROR: no matching distribution \(all of it in .*setup\.log\)\. Buy some\.$/,
  });
});

test('without a Python, setup goes on to WebAssembly, and Jupyter is asked for with the command that mends it', async () => {
  const script = `
    const { ensureVenv, findPython } = require(${JSON.stringify(projectPath('lib', 'tools', 'setup', 'python.ts'))});
    try { findPython(); } catch (error) { console.log(error.name + ': ' + error.message); }`;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: projectRoot(),
    env: { ...process.env, PATH: folder },
  });
  assert.match(
    stdout,
    /^InputError: Python 3\.10 or newer with venv is needed, found no python3 on the PATH\. Install it, .*sudo apt-get install python3 python3-venv\n$/,
  );
});

test('another user, who may only read the project, uses what is set up and leaves nothing in a home folder', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can become another user');
  const user = { cwd: '/', uid: NOBODY, gid: NOBODY };
  const readable = await run('cat', [projectPath('package.json')], user).then(
    () => true,
    () => false,
  );
  if (!readable) return context.skip('this folder is closed to other users');
  const home = mkdtempSync(path.join(os.tmpdir(), 'home-'));
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'temporary-'));
  for (const made of [home, temporary]) chownSync(made, NOBODY, NOBODY);
  try {
    const script = `
      const { ensureSetup } = require(${JSON.stringify(projectPath('lib', 'tools', 'setup', 'index.ts'))});
      const { openEngine } = require(${JSON.stringify(projectPath('lib', 'base', 'engine.ts'))});
      ensureSetup('engine').then(openEngine).then(({ kind }) => console.log(kind));`;
    const env = { PATH: process.env.PATH, HOME: home, TMPDIR: temporary };
    const { stdout } = await run(process.execPath, ['--import', 'tsx', '-e', script], { ...user, cwd: projectRoot(), env });
    assert.equal(stdout, 'native\n');
    assert.deepEqual(readdirSync(home), []);
  } finally {
    for (const made of [home, temporary]) rmSync(made, { recursive: true, force: true });
  }
});
