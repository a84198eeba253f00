/** The course in editors that bring their own notebooks, as VS Code: on the server of `npm run lab`, and by the kernel that lies in .venv. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { projectPath } from '../../lib/base/project';
import { ensureSetup } from '../../lib/tools/setup';
import { venvPath, venvPython } from '../../lib/tools/setup/python';

const CELL = "import { percent, show } from './lib/index';\nconsole.log(percent(0.5), process.cwd());\nshow('<b>shown</b>');";

before(() => ensureSetup('jupyter'));

/** Runs a Python program of this folder on what is given to its stdin. */
async function drive(program: string, words: readonly string[], input: string, env = process.env): Promise<unknown> {
  const running = promisify(execFile)(venvPython(), [projectPath('test', 'notebooks', program), ...words], { env });
  running.child.stdin?.end(input);
  return JSON.parse((await running).stdout);
}

test('an editor that is given the address of npm run lab finds one kernel there, which imports lib', async () => {
  const words = ['--import', 'tsx', projectPath('lib', 'tools', 'cli', 'main.ts'), 'lab', '--no-browser'];
  const lab = spawn(process.execPath, words, { cwd: projectPath(), stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    let address: string | undefined;
    for await (const line of createInterface({ input: lab.stderr })) {
      address = /http:\/\/127\.0\.0\.1:\d+\/lab\?token=\w+/.exec(line)?.[0];
      if (address) break;
    }
    lab.stderr.resume();
    assert.ok(address, 'npm run lab told no address');
    const expected = { kernels: ['tslab'], text: `50.0 % ${projectPath()}\n`, html: '<b>shown</b>', status: 'ok' };
    assert.deepEqual(await drive('visit_server.py', [address], CELL), expected);
  } finally {
    lab.kill('SIGTERM');
    await once(lab, 'close');
  }
});

test('an editor that looks for kernels in the Python environment finds the course there, whatever its own folder, PATH and settings', async () => {
  const { HOME } = process.env;
  const env = { HOME, PATH: '/usr/bin:/bin', JUPYTER_DATA_DIR: venvPath('none') };
  const [[{ reply, outputs }]] = (await drive('drive_kernel.py', ['tslab'], JSON.stringify([[CELL]]), env)) as {
    reply: { status: string };
    outputs: { text?: string }[];
  }[][];
  assert.equal(reply.status, 'ok');
  assert.equal(outputs[0].text, `50.0 % ${projectPath()}\n`);
});
