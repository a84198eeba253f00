import { formatSeconds, terminalProgress } from '../progress';
import { startRun } from '../run/data';
import { describeEpoch } from '../training/history';
import { train } from '../training/train';
import type { Command } from './command';
import { readSettings, SETTING_OPTIONS } from './settings';

export const command: Command = {
  summary: 'Trains both sessions without Jupyter and writes the run folder that the notebooks write.',
  options: {
    ...SETTING_OPTIONS,
    run: { type: 'string', value: 'name', help: 'name of the run below outputs/; an unfinished one goes on' },
    'accept-terms': { type: 'boolean', help: "accept UTKFace's terms, for --data download" },
  },
  needs: 'engine',
  async run(args) {
    const settings = readSettings(args);
    const acceptTerms = args.flag('accept-terms');
    const run = await startRun(settings, args.text('run'), { acceptTerms, onProgress: terminalProgress() });
    process.stdout.write(`Run ${run.name}: ${run.config.preset}, ${run.config.imageSizePx} px, seed ${run.config.seed}\n`);
    const { validation, baseline, trainingSeconds, weightsSha256 } = await train(run, {
      acceptTerms,
      onProgress: terminalProgress(),
      onEpoch: (record) => process.stdout.write(`${describeEpoch(record)}\n`),
    });
    process.stdout.write(
      [
        `Trained in ${formatSeconds(trainingSeconds)}. On the validation side, which it never saw:`,
        `  age MAE          ${validation.ageMaeYears.toFixed(2)} years (always saying ${baseline.meanAgeYears.toFixed(1)}: ${baseline.ageMaeYears.toFixed(2)})`,
        `  gender accuracy  ${(100 * validation.genderAccuracy).toFixed(1)} % (always saying the more frequent one: ${(100 * baseline.genderAccuracy).toFixed(1)} %)`,
        `Weights ${weightsSha256.slice(0, 12)}. Model: outputs/${run.name}/model`,
        '',
      ].join('\n'),
    );
  },
};
