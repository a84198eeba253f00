/** The benchmark's subjects that need no Keras, each in its process: same numbers, memory, and no process left behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../lib/base/project';
import { requireAgreement } from '../bench/agree';
import type { BenchCase } from '../bench/cases';
import { type InputFiles, writeInputFiles } from '../bench/input-files';
import { taskOf } from '../bench/protocol';
import { SubjectProcess } from '../bench/subject-process';

const CASE: BenchCase = { name: 'train-all', sizePx: 64, batch: 4, subjects: ['ours', 'stock'] };
let files: InputFiles;

before(async () => {
  files = await writeInputFiles(new Map([[CASE.sizePx, 8]]), 8);
});
after(() => files.remove());

describe('the benchmark’s subjects', () => {
  it('take the same two training steps, run, and tell their memory and arithmetic', async () => {
    const processes = CASE.subjects.map((subject) => new SubjectProcess(taskOf(CASE, subject, files.folder)));
    try {
      const ready = await Promise.all(processes.map((process) => process.ready()));
      requireAgreement(
        CASE,
        ready.map(({ proof }, index) => ({ subject: CASE.subjects[index], proof })),
      );
      for (const process of processes) {
        assert.ok((await process.run(2)) > 0);
        const megabytes = (await process.peakMemoryBytes()) / 1e6;
        assert.ok(megabytes > 100 && megabytes < 5000, `${megabytes} MB`);
      }
      // 300 million multiply-adds at 224 px (the MobileNet papers), less 1.3 million of ImageNet's classifier.
      const forward = (2 * 4 * 300e6 * 64 ** 2) / 224 ** 2;
      const operations = ready[0].floatingPointOperations ?? 0;
      assert.ok(operations > 2.8 * forward && operations < 3 * forward, `${operations}`);
    } finally {
      for (const process of processes) process.end();
    }
  });

  it('predict the same, whether through ONNX Runtime, as a TensorFlow graph or by layers', async () => {
    const item: BenchCase = { ...CASE, name: 'forward', subjects: ['ours', 'graph', 'stock'] };
    const processes = item.subjects.map((subject) => new SubjectProcess(taskOf(item, subject, files.folder)));
    try {
      const ready = await Promise.all(processes.map((process) => process.ready()));
      requireAgreement(
        item,
        ready.map(({ proof }, index) => ({ subject: item.subjects[index], proof })),
      );
      assert.deepEqual(
        ready.map(({ runtime }) => runtime.split(/ (?=\d)/)[0]),
        ['ONNX Runtime', 'TensorFlow', 'TensorFlow'],
      );
      for (const process of processes) assert.ok((await process.run(2)) > 0);
    } finally {
      for (const process of processes) process.end();
    }
  });

  it('end with a sentence of their own where they cannot work', async () => {
    const process = new SubjectProcess({ ...taskOf(CASE, 'ours', files.folder), folder: '/nonexistent' });
    await assert.rejects(process.ready(), /The benchmark's ours \(train-all, 64 px\) stopped: ENOENT/);
  });

  it('are gone after Ctrl-C', async () => {
    const script = `
      const { SubjectProcess } = require('./test/bench/subject-process');
      const child = new SubjectProcess(${JSON.stringify(taskOf(CASE, 'ours', files.folder))});
      child.ready().then(() => { console.log(child.pid); return child.run(1_000_000); });
    `;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--eval', script], {
      cwd: projectRoot(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await new Promise<string>((resolve) => parent.stdout.setEncoding('utf8').once('data', resolve)));
    assert.ok(isAlive(pid));
    parent.kill('SIGINT');
    assert.equal(await new Promise((resolve) => parent.once('close', resolve)), 130);
    for (let tries = 0; isAlive(pid) && tries < 50; tries++) await sleep(100);
    assert.ok(!isAlive(pid), 'the subject lives on');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
