/** The benchmark with Keras and other runtimes: every subject of every case computes the same numbers, small. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { terminalProgress } from '../../lib/base/progress';
import { requireAgreement } from '../bench/agree';
import { ALL_CASES, type BenchCase, RUNTIMES } from '../bench/cases';
import { type InputFiles, writeInputFiles } from '../bench/input-files';
import { measureCase } from '../bench/measure';
import { taskOf } from '../bench/protocol';
import { rowsOf } from '../bench/results';
import { runtimeTables } from '../bench/runtimes';
import { SubjectProcess } from '../bench/subject-process';
import { ensurePythonWith } from '../python-venv';

const SMALL = { sizePx: 64, batch: 4 };
const FACES = 10;
const cases = new Map(ALL_CASES.map((item): [string, BenchCase] => [item.name, { ...item, ...SMALL }]));
let files: InputFiles;

before(async () => {
  for (const kind of ['keras', 'runtimes']) await ensurePythonWith(kind, terminalProgress());
  files = await writeInputFiles(new Map([[SMALL.sizePx, FACES]]), FACES);
});
after(() => files.remove());

describe('the benchmark, with Keras', () => {
  for (const item of cases.values()) {
    it(`${item.name}: all subjects agree before they are timed, and run`, async () => {
      const small = { epochs: 2, epochImages: FACES };
      const processes = item.subjects.map((subject) => new SubjectProcess({ ...taskOf(item, subject, files.folder), ...small }));
      try {
        const ready = await Promise.all(processes.map((process) => process.ready()));
        requireAgreement(
          item,
          ready.map(({ proof }, index) => ({ subject: item.subjects[index], proof })),
        );
        for (const process of processes) await process.run(1);
      } finally {
        for (const process of processes) process.end();
      }
    });
  }

  it('times every runtime, and tells that bfloat16 alone computes other numbers', async () => {
    const item: BenchCase = { name: 'forward', ...SMALL, subjects: RUNTIMES };
    const options = { folder: files.folder, rounds: 2, roundSeconds: 0.1, tries: 1, jit: new Set<never>(), onRound: () => undefined };
    const measurements = await measureCase(item, options);
    for (const { imagesPerSecond } of measurements) assert.ok(imagesPerSecond.length === 2 && imagesPerSecond.every((speed) => speed > 0));
    const [{ cells }] = runtimeTables(rowsOf(item, measurements));
    assert.deepEqual(
      cells.filter((row) => row.at(-1) !== 'the same').map(([title, runtime]) => [title, /bf16/.test(runtime)]),
      cells.filter(([, runtime]) => /bf16/.test(runtime)).map(([title]) => [title, true]), // none where the processor has no bfloat16
    );
  });
});
