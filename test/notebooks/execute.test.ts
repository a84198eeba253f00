/** Notebooks run without a browser: what is written, what is told meanwhile, and how failures stop the run. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { projectPath } from '../../lib/base/project';
import { executeNotebook } from '../../lib/tools/run-notebook';
import { ensureSetup } from '../../lib/tools/setup';
import { venvPython } from '../../lib/tools/setup/python';
import { notebookOf } from '../scratch';

interface ExecutedCell {
  readonly execution_count: number | null;
  readonly outputs: readonly { readonly output_type: string; readonly text?: readonly string[]; readonly ename?: string }[];
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'execute-'));

before(() => ensureSetup('jupyter'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, sources: readonly string[]): string {
  const notebook = path.join(folder, `${name}.ipynb`);
  writeFileSync(notebook, notebookOf(sources));
  return notebook;
}

function executed(output: string): readonly ExecutedCell[] {
  const { cells }: { readonly cells: readonly ExecutedCell[] } = JSON.parse(readFileSync(output, 'utf8'));
  return cells;
}

test('a notebook runs from the project root with the settings given, and tells cells and progress, and leaves the home folder alone', async () => {
  const notebook = write('fine', [
    "import { projectRoot } from './lib/base/project';\nimport { notebookProgress } from './lib/base/progress';",
    'console.log(projectRoot() === process.cwd(), process.env.GREETING, process.execPath);',
    "const progress = notebookProgress();\nprogress({ label: 'Reading faces', done: 2, total: 2, unit: 'images' });",
  ]);
  const output = path.join(folder, 'out', 'fine.ipynb');
  const seen: string[] = [];
  const home = path.join(folder, 'home');
  mkdirSync(home);
  await executeNotebook(notebook, output, {
    environment: { GREETING: 'good day', HOME: home },
    onCell: (cell, cells) => seen.push(`cell ${cell} of ${cells}`),
    onProgress: (line) => seen.push(line.replace(/\).*/, ')')),
  });
  assert.deepEqual(seen, ['cell 1 of 3', 'cell 2 of 3', 'cell 3 of 3', 'Reading faces: 2 of 2 images (100 %)']);
  assert.deepEqual(readdirSync(home), []);
  const cells = executed(output);
  assert.deepEqual(
    cells.map(({ execution_count }) => execution_count),
    [1, 2, 3],
  );
  assert.deepEqual(cells[1].outputs[0].text, [`true good day ${process.execPath}\n`]);
});

test('a failing cell stops the run with its notebook, its number and the text of the error', async () => {
  const notebook = write('wrong', [
    '1 + 1',
    "import { InputError } from './lib/base/errors';\nthrow new InputError('No face in moon.jpg');",
    "console.log('never')",
  ]);
  const output = path.join(folder, 'wrong-executed.ipynb');
  await assert.rejects(executeNotebook(notebook, output, { environment: {} }), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /wrong\.ipynb failed in cell 2: InputError: No face in moon\.jpg /);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
  const cells = executed(output);
  assert.deepEqual(
    cells.map(({ execution_count }) => execution_count),
    [1, 2, null],
  );
  assert.equal(cells[1].outputs.at(-1)?.ename, 'InputError');
});

test('a promise that nobody awaits, or a timer after the last cell, does not pass for success', async () => {
  const rejected = executeNotebook(write('rejected', ["Promise.reject(new Error('nobody waits'));", '1']), path.join(folder, 'a.ipynb'), {
    environment: {},
  });
  const thrown = executeNotebook(write('thrown', ["setTimeout(() => { throw new Error('later'); }, 30);"]), path.join(folder, 'b.ipynb'), {
    environment: {},
  });
  await Promise.all([
    assert.rejects(rejected, /rejected\.ipynb failed in cell 1: UnhandledPromiseRejection: Error: nobody waits/),
    assert.rejects(thrown, /thrown\.ipynb failed in cell 1: UncaughtException: Error: later/),
  ]);
});

test('a long line takes no longer than as many bytes in short ones', async () => {
  const sources = ["for (let line = 0; line < 200; line++) console.log('.'.repeat(999));", "console.log('.'.repeat(199_999));", '1'];
  const output = path.join(folder, 'long-executed.ipynb');
  const startsMs: number[] = [];
  await executeNotebook(write('long', ['1', ...sources]), output, { environment: {}, onCell: () => startsMs.push(performance.now()) });
  const [, shortMs, longMs] = startsMs.slice(1).map((startMs, index) => startMs - startsMs[index]);
  assert.ok(longMs < 10 * shortMs + 2000, `${longMs.toFixed(0)} ms against ${shortMs.toFixed(0)} ms`);
  const [, short, long] = executed(output).map(({ outputs }) => outputs[0].text?.join(''));
  assert.equal(short, `${'.'.repeat(999)}\n`.repeat(200));
  assert.equal(long, `${'.'.repeat(199_999)}\n`);
});

test('a kernel that dies stops the run with a clear line', async () => {
  const notebook = write('dead', ['process.kill(process.pid, "SIGKILL");\nawait new Promise((done) => setTimeout(done, 5000));']);
  await assert.rejects(
    executeNotebook(notebook, path.join(folder, 'c.ipynb'), { environment: {} }),
    /dead\.ipynb failed in cell 1: DeadKernel: the kernel died/,
  );
});

test('a kernel that finds one of its ports taken ends, and another is started with other ports', async () => {
  const spec = path.join(folder, 'kernels', 'tslab');
  const [launcher, tried] = [projectPath('notebooks', 'kernel', 'kernels', 'tslab', 'launch.cjs'), path.join(folder, 'tried')];
  mkdirSync(spec, { recursive: true });
  writeFileSync(
    path.join(spec, 'taken-once.cjs'),
    `const fs = require('node:fs');
    const { shell_port } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
    const launch = () => require(${JSON.stringify(launcher)});
    fs.appendFileSync(${JSON.stringify(tried)}, shell_port + '\\n');
    if (fs.readFileSync(${JSON.stringify(tried)}, 'utf8').trim().includes('\\n')) launch();
    else require('node:net').createServer().listen(shell_port, '127.0.0.1', launch);`,
  );
  const argv = ['node', '{resource_dir}/taken-once.cjs', '{connection_file}'];
  writeFileSync(path.join(spec, 'kernel.json'), JSON.stringify({ argv, display_name: 'taken once', language: 'typescript' }));
  const output = path.join(folder, 'd.ipynb');
  await executeNotebook(write('taken', ["console.log('here')"]), output, { environment: { JUPYTER_PATH: folder } });
  assert.deepEqual(executed(output)[0]?.outputs[0]?.text, ['here\n']);
  const ports = readFileSync(tried, 'utf8').trim().split('\n');
  assert.equal(new Set(ports).size, 2);
});

test('a kernel that is asked while it opens its ports answers', async () => {
  const { Dealer, Router }: typeof import('zeromq') = require('zeromq');
  const { ZmqServer } = require('tslab/dist/jupyter.js');
  require(projectPath('notebooks', 'kernel', 'kernels', 'tslab', 'mends.cjs')).mendServer();
  const server = Object.assign(Object.create(ZmqServer.prototype), { connInfo: { transport: 'tcp', ip: '127.0.0.1' } });
  const [socket, client] = [new Router(), new Dealer()];
  const bound: Promise<void> = server.bindSocket(socket, '*');
  const question = socket.receive();
  await bound;
  client.connect(socket.lastEndpoint ?? '');
  await client.send('question');
  const [from, text] = await question;
  await socket.send([from, `${text}, answered`]);
  assert.equal(String(await client.receive()), 'question, answered');
  socket.close();
  client.close();
});

test('runner and exporter start without the grammar of web addresses, which takes longer to load than all the rest', () => {
  for (const script of ['execute.py', 'export.py']) {
    const load = `import os, runpy, sys; sys.path.insert(0, os.path.dirname(sys.argv[1])); runpy.run_path(sys.argv[1]); sys.exit(int('lark' in sys.modules))`;
    execFileSync(venvPython(), ['-c', load, projectPath('notebooks', 'kernel', script)]);
  }
});
