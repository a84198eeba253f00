/** `npm run soup`: forks of a run, and the mean of their weights. */
import { terminalProgress } from '../../lib/base/progress';
import { percent, years } from '../../lib/base/text';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { describeEpoch, requireRun } from '../../lib/tools/cli/runs';
import { interruptible } from '../../lib/training/interrupt';
import { makeSoup } from './soup';

const command: Command = {
  summary:
    'Goes through session 2 of a run several times, in orders of their own, and keeps the mean of the weights as the run <name>-soup.',
  options: {
    run: { type: 'string', value: 'name', help: 'a run whose session 1 is finished (default: the newest)' },
    forks: { type: 'string', value: 'number', help: 'how many times beside its own (default: 2)' },
  },
  needs: 'engine',
  async run(args) {
    const { name } = requireRun(args.text('run'));
    const forks = Number(args.text('forks') ?? 2);
    const { judged } = await interruptible(`To go on: npm run soup -- --run ${name} --forks ${forks}`, (signal) =>
      makeSoup(name, forks, {
        signal,
        onProgress: terminalProgress(),
        onEpoch: (record) => process.stdout.write(`${describeEpoch(record)}\n`),
      }),
    );
    for (const [title, { ageMaeYears, genderAccuracy }] of judged) {
      process.stdout.write(`${title.padEnd(32)} age MAE ${years(ageMaeYears, 2)}, gender accuracy ${percent(genderAccuracy)}\n`);
    }
  },
};

void runCommand('soup', process.argv.slice(2), async () => command);
