/** Which run a command is about, and what is told of one while it trains. */
import { InputError } from '../../base/errors';
import { grouped, percent, years } from '../../base/text';
import { newestRun, openRunFolder, type Run } from '../../run/run';
import type { EpochRecord } from '../../training/history';
import type { CommandOption } from './command';

export const RUN_OPTION: CommandOption = { type: 'string', value: 'name', help: 'the run below outputs/; without it the newest' };

/** The run of that name, or without one the newest. Throws an InputError where there is none, ending in `otherwise`. */
export function requireRun(name: string | undefined, otherwise = ''): Run {
  const run = name === undefined ? newestRun() : openRunFolder(name);
  if (!run) throw new InputError(`outputs/: no run yet. Expected one made by npm run walkthrough; run it first. ${otherwise}`.trimEnd());
  return run;
}

/** Nobody is so old: an error beyond it is not learned any more, it runs away. */
const OLDEST_YEARS = 120;

/** "Session 1, epoch 2: validation age MAE 9.31 years, gender accuracy 81.2 %, 1,204 images/s". */
export function describeEpoch({ session, epoch, validation, imagesPerSecond }: EpochRecord): string {
  const { ageMaeYears, genderAccuracy } = validation;
  const measures = `age MAE ${years(ageMaeYears, 2)}, gender accuracy ${percent(genderAccuracy)}`;
  const runsAway = ageMaeYears > OLDEST_YEARS ? '. This training diverges: stop it, and start a new run with a lower learning rate' : '';
  return `Session ${session}, epoch ${epoch}: validation ${measures}, ${grouped(imagesPerSecond)} images/s${runsAway}`;
}
