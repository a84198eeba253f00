import path from 'node:path';
import { InputError } from '../../base/errors';
import { formatSeconds, terminalProgress } from '../../base/progress';
import { percent, years } from '../../base/text';
import { startRun } from '../../run/data';
import { openRunFolder, type Run, runExists } from '../../run/run';
import { finishedMetrics, type RunMetrics } from '../../training/finish';
import { interruptible } from '../../training/interrupt';
import { requireTrainingEngine, train } from '../../training/trainer';
import { shownPath } from '../paths';
import type { Command } from './command';
import { describeEpoch } from './runs';
import { ACCEPT_TERMS, readSettings, SETTING_OPTIONS } from './settings';

export const command: Command = {
  summary: 'Trains both sessions without Jupyter and writes the run folder that the notebooks write.',
  options: {
    ...SETTING_OPTIONS,
    run: { type: 'string', value: 'name', help: 'the run below outputs/; one that is there goes on, with the settings that it has' },
    'checkpoint-minutes': { type: 'string', value: 'minutes', help: 'time between checkpoints (default: 3; 0: every step)' },
    'accept-terms': ACCEPT_TERMS,
  },
  needs: 'engine',
  async run(args) {
    const settings = await readSettings(args);
    const checkpointSeconds = secondsOf(args.text('checkpoint-minutes'));
    const name = args.text('run');
    if (name !== undefined && runExists(name)) {
      const known = openRunFolder(name, settings);
      const metrics = finishedMetrics(known);
      if (metrics) {
        if (settings.data || settings.weights) await startRun(settings, name, terminalProgress()); // keeps where they lie now
        process.stdout.write(`Run ${name} is finished and stays as it is; choose another --run name to train again.\n`);
        return tell(known, metrics);
      }
    }
    await requireTrainingEngine(); // before a folder is made
    const run = await startRun(settings, name, terminalProgress());
    process.stdout.write(`Run ${run.name}: ${run.config.preset}, ${run.config.imageSizePx} px, seed ${run.config.seed}\n`);
    const metrics = await interruptible(`To go on: npm run train -- --run ${run.name}`, (signal) =>
      train(run, {
        checkpointSeconds,
        signal,
        onProgress: terminalProgress(),
        onEpoch: (record) => process.stdout.write(`${describeEpoch(record)}\n`),
      }),
    );
    tell(run, metrics);
  },
};

function tell(run: Run, { validation, baseline, trainingSeconds, weightsSha256 }: RunMetrics): void {
  process.stdout.write(
    [
      `Trained in ${formatSeconds(trainingSeconds)}. On the validation side, which it never saw:`,
      `  age MAE          ${years(validation.ageMaeYears, 2)} (always the median age: ${baseline.ageMaeYears.toFixed(2)})`,
      `  gender accuracy  ${percent(validation.genderAccuracy)} (always saying the more frequent one: ${percent(baseline.genderAccuracy)})`,
      `Weights ${weightsSha256.slice(0, 12)}. Model: ${shownPath(path.join(run.folder, 'model'))}`,
      '',
    ].join('\n'),
  );
}

function secondsOf(minutes: string | undefined): number | undefined {
  if (minutes === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(minutes)) {
    throw new InputError(`--checkpoint-minutes ${minutes}: expected a number of minutes such as 3, 0.5, or 0 for every step.`);
  }
  return 60 * Number(minutes);
}
