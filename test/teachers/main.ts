/** `npm run teach`: trains five teachers and writes what they say of faces that they have not seen. */
import { terminalProgress } from '../../lib/base/progress';
import { grouped, percent } from '../../lib/base/text';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { describeEpoch } from '../../lib/tools/cli/runs';
import { readSettings, SETTING_OPTIONS } from '../../lib/tools/cli/settings';
import { interruptible } from '../../lib/training/interrupt';
import { teach } from './teachers';

const { data, weights, seed, limit, epochs } = SETTING_OPTIONS;

const command: Command = {
  summary: 'Trains five teachers, each without a fifth of the faces, and writes down which gender each says of that fifth.',
  options: { data, weights, seed, limit, epochs },
  needs: 'engine',
  async run(args) {
    const settings = await readSettings(args);
    const howToGoOn = `To go on: npm run teach -- ${process.argv.slice(2).join(' ')}`.trim();
    const { file, faces, genderAccuracy } = await interruptible(howToGoOn, (signal) =>
      teach({
        settings,
        signal,
        onProgress: terminalProgress(),
        onEpoch: (record) => process.stdout.write(`${describeEpoch(record)}\n`),
        onTeacher: (fold, of) => process.stdout.write(`Teacher ${fold} of ${of} is done.\n`),
      }),
    );
    process.stdout.write(
      `Of ${grouped(faces)} faces that each has not seen: gender accuracy ${percent(genderAccuracy)}.\n` +
        `${file}\nTo teach by them: npm run train -- --preset best --teachers ${file}\n`,
    );
  },
};

void runCommand('teach', process.argv.slice(2), async () => command);
