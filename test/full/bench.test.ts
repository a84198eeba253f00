/** The benchmark with Keras: every subject of every case computes the same numbers, small. */
import { after, before, describe, it } from 'node:test';
import { terminalProgress } from '../../lib/base/progress';
import { requireAgreement } from '../bench/agree';
import { ALL_CASES, type BenchCase } from '../bench/cases';
import { type InputFiles, writeInputFiles } from '../bench/input-files';
import { taskOf } from '../bench/protocol';
import { SubjectProcess } from '../bench/subject-process';
import { ensurePythonWith } from '../python-venv';

const SMALL = { sizePx: 64, batch: 4 };
const FACES = 10;
const cases = new Map(ALL_CASES.map((item): [string, BenchCase] => [item.name, { ...item, ...SMALL }]));
let files: InputFiles;

before(async () => {
  await ensurePythonWith('keras', terminalProgress());
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
});
