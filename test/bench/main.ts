/** `npm run bench`: how fast this project trains and predicts, beside tfjs-node's own layers and Keras. */

import { InputError } from '../../lib/base/errors';
import { writeFileAtomically, writeJson } from '../../lib/base/files';
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { percent } from '../../lib/base/text';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { ensurePythonWith } from '../python-venv';
import { runBench } from './bench';
import { benchPageHtml, busyText } from './bench-page';
import type { BenchReport } from './bench-report';
import { caseTitle } from './cases';
import { tableText } from './results';
import { runtimesText } from './runtimes';

const command: Command = {
  summary: "Measures training and prediction beside tfjs-node's own layers, Keras and other runtimes (about half an hour).",
  options: {
    quick: { type: 'boolean', help: 'few cases and three rounds, in under 3 minutes' },
    cases: { type: 'string', value: 'names', help: 'comma between them (default: all), such as train-all,forward' },
    rounds: { type: 'string', value: 'number', help: 'rounds of each subject and case (default: 5, with --quick 3)' },
  },
  needs: 'engine',
  async run(args) {
    const quick = args.flag('quick');
    const names = args.text('cases')?.split(',') ?? [];
    if (quick && names.length > 0) throw new InputError('--quick has its own cases: give --cases without it.');
    const rounds = Number(args.text('rounds') ?? (quick ? 3 : 5));
    if (!Number.isInteger(rounds) || rounds < 1) throw new InputError(`--rounds ${args.text('rounds')}: expected a whole number from 1.`);
    const onProgress = terminalProgress();
    for (const kind of ['keras', 'runtimes']) await ensurePythonWith(kind, onProgress);
    const report = await runBench({ quick, names, rounds, onProgress, onCase: (rows) => process.stdout.write(`\n${tableText(rows)}`) });
    const json = projectPath('outputs', 'bench', 'bench.json');
    const page = projectPath('outputs', 'bench', 'index.html');
    await writeJson(json, report);
    await writeFileAtomically(page, benchPageHtml(report));
    process.stdout.write(`\n${runtimesText(report.rows)}\n${closing(report)}\n${json}\n${page}\n`);
  },
};

function closing(report: BenchReport): string {
  const { matrixProduct, arithmetic, xla, leftOut } = report;
  const lines = [
    `Matrix products of ${matrixProduct.side} x ${matrixProduct.side}: ${matrixProduct.peakGigaflops.toFixed(0)} GFLOP/s at best. Share of it:`,
  ];
  for (const row of arithmetic) {
    lines.push(
      `  ${caseTitle({ ...row, name: row.case }).padEnd(52)}${row.gigaflops.toFixed(0).padStart(5)} GFLOP/s${percent(row.shareOfPeak, 0).padStart(7)}`,
    );
  }
  for (const row of xla) {
    const speed = row.imagesPerSecond === null ? `none within ${row.limitSeconds} s` : `${row.imagesPerSecond.toFixed(1)} images/s`;
    lines.push(
      `${row.subject} under XLA, ${caseTitle({ ...row, name: row.case })}: ${speed}${row.used ? ', the faster one: used above' : ''}`,
    );
  }
  if (leftOut.length > 0) lines.push(`Left out: ${leftOut.join('; ')}.`);
  const busy = busyText(report);
  if (busy) lines.push(busy);
  return lines.join('\n');
}

void runCommand('bench', process.argv.slice(2), async () => command);
