import { terminalProgress } from '../../lib/base/progress';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { describeEpoch } from '../../lib/tools/cli/runs';
import { readSettings, SETTING_OPTIONS } from '../../lib/tools/cli/settings';
import { interruptible } from '../../lib/training/interrupt';
import { ablationTable, readAblation, runAblation } from './ablation';

const { data, weights, seed, limit, epochs } = SETTING_OPTIONS;

const NOTE =
  'In brackets: how far from the plainer recipe on the same faces, and its 95 % interval over the choice of faces, bold where 0 lies outside. ' +
  'Another seed moves a row too, which no interval holds: a change is worth something where seeds agree.';

const command: Command = {
  summary: 'Trains a plainer recipe than best with one thing changed at a time, and says what each is worth.',
  options: {
    rows: { type: 'string', value: 'names', help: 'comma between them (default: all); finished rows are not trained again' },
    data,
    weights,
    seed,
    limit,
    epochs,
  },
  needs: 'engine',
  async run(args) {
    const settings = await readSettings(args);
    const howToGoOn = `To go on: npm run ablation -- ${process.argv.slice(2).join(' ')}`.trim();
    const results = await interruptible(howToGoOn, (signal) =>
      runAblation({
        settings,
        rows: args.text('rows')?.split(',') ?? [],
        signal,
        onProgress: terminalProgress(),
        onEpoch: (record) => process.stdout.write(`${describeEpoch(record)}\n`),
        onRow: ({ name }) => process.stdout.write(`Row ${name} is done.\n`),
      }),
    );
    process.stdout.write(`${ablationTable(results, readAblation())}\n${NOTE}\n`);
  },
};

void runCommand('ablation', process.argv.slice(2), async () => command);
