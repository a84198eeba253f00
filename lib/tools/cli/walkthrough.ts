import path from 'node:path';
import { glob } from 'glob';
import { InputError, InterruptedError } from '../../base/errors';
import { formatSeconds, terminalProgress } from '../../base/progress';
import { projectPath } from '../../base/project';
import { startRun } from '../../run/data';
import type { Run } from '../../run/run';
import { interruptible } from '../../training/interrupt';
import { shownPath } from '../paths';
import { executeNotebook } from '../run-notebook';
import { hasAddon } from '../setup/engine';
import type { Command } from './command';
import { exportReports } from './report';
import { ACCEPT_TERMS, readSettings, SETTING_OPTIONS } from './settings';

export const command: Command = {
  summary: 'Runs all notebooks in order on a new run, or on one that was stopped, and exports them as HTML pages.',
  options: {
    ...SETTING_OPTIONS,
    run: { type: 'string', value: 'name', help: 'the run below outputs/; one that is there goes on, with the settings that it has' },
    'no-faces': { type: 'boolean', help: 'leave every photo out of the pages, for passing on' },
    'accept-terms': ACCEPT_TERMS,
  },
  needs: 'jupyter',
  async run(args) {
    if (process.env.COURSE_ENGINE === 'wasm' || !hasAddon()) {
      throw new InputError('The walkthrough trains, which needs the native engine. npm run doctor says what is missing.');
    }
    const startedMs = performance.now();
    const settings = await readSettings(args);
    const run = await startRun(settings, args.text('run'), terminalProgress());
    process.stdout.write(`Run ${run.name}\n`);
    const notebooks = (await glob('[0-9][0-9]-*.ipynb', { cwd: projectPath('notebooks') })).sort();
    const exportPages = async () => shownPath(await exportReports(run.folder, { faces: !args.flag('no-faces') }));
    try {
      const howToGoOn = `What was trained is saved. To go on: npm run walkthrough -- --run ${run.name}`;
      await interruptible(howToGoOn, async (signal) => {
        for (const round of roundsOf(notebooks)) {
          const titleOf = (name: string) => `${notebooks.indexOf(name) + 1}/${notebooks.length} ${path.basename(name, '.ipynb')}`;
          const ends = await Promise.allSettled(round.map((name) => execute(run, name, titleOf(name), signal)));
          const failed = ends.find((end) => end.status === 'rejected');
          if (failed) throw failed.reason;
        }
      });
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      const index = await exportPages().catch(() => undefined); // the failure itself says more than that there is no page
      if (index) process.stdout.write(`What was made until then: ${index}\n`);
      throw error;
    }
    const index = await exportPages();
    process.stdout.write(`Done in ${formatSeconds((performance.now() - startedMs) / 1000)}. Open ${index}\n`);
  },
};

/** What is run at once. A notebook that trains has the machine for itself; two others need one core each, and nothing of each other. */
function roundsOf(notebooks: readonly string[]): readonly string[][] {
  const rounds: string[][] = [];
  const trains = (name: string) => name.includes('train');
  for (const name of notebooks) {
    const last = rounds.at(-1);
    if (last?.length === 1 && !trains(last[0]) && !trains(name)) last.push(name);
    else rounds.push([name]);
  }
  return rounds;
}

/** One line a notebook: rewritten while it runs where there is a terminal, written once where there is none. */
async function execute(run: Run, notebook: string, title: string, signal: AbortSignal): Promise<void> {
  const { stderr } = process;
  const startedMs = performance.now();
  let lastMs = 0;
  const status = (text: string): void => {
    const line = `${title}: ${text}`;
    if (stderr.isTTY) stderr.write(`\r\u001b[K${line.slice(0, stderr.columns - 1)}`);
    else if (performance.now() - lastMs > 10_000) {
      stderr.write(`${line}\n`);
      lastMs = performance.now();
    }
  };
  status('starting the kernel');
  try {
    await executeNotebook(projectPath('notebooks', notebook), path.join(run.folder, 'notebooks', notebook), {
      environment: { COURSE_RUN: run.name },
      onCell: (cell, cells) => status(`cell ${cell} of ${cells}`),
      onProgress: status,
      signal,
    });
  } finally {
    if (stderr.isTTY) stderr.write('\r\u001b[K');
  }
  process.stdout.write(`${title}: ${formatSeconds((performance.now() - startedMs) / 1000)}\n`);
}
