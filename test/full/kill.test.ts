/** A training run that is killed at twenty random moments ends with the same bytes as one that was left alone. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { seededRandom, shuffled } from '../../lib/base/random';
import { temporaryFolder } from '../files';
import { assertSameRuns, finish, killAfter, type Moment, type Phase, phaseOf, removeRuns, SMALL_BEST, writeSettings } from '../kill';

const KILLS = 20;
/** More of them where the machine's speed made all twenty miss a phase. */
const MOST_KILLS = 40;
const PHASES: readonly Phase[] = ['before the first checkpoint', 'within an epoch', 'between epochs', 'finishing'];
const EPOCHS = 8;

/** Every one comes again in each epoch, so that a run gets all of its kills before its end. */
const MOMENTS: readonly Moment[] = [
  undefined,
  /^Run /,
  /Session \d, epoch \d of \d: \d+ of/,
  /Session \d, epoch \d of \d: \d+ of/,
  /Session \d, epoch \d of \d: 64 of/,
  /^Session \d, epoch \d: /,
];
const LAST_EPOCH = new RegExp(`^Session 2, epoch ${EPOCHS}: `);

const UNDISTURBED = ['a', 'b'].map((name) => `zz-kill-${process.pid}-undisturbed-${name}`);
const names = [...UNDISTURBED];

after(() => removeRuns(names));

test(`two undisturbed runs agree, and so does one that is killed ${KILLS} times and started again by the same command`, async (context) => {
  const settings = writeSettings(temporaryFolder(context), { ...SMALL_BEST, epochs: EPOCHS });
  for (const name of UNDISTURBED) finish(['--preset', settings, '--run', name]);
  assertSameRuns(UNDISTURBED[0], UNDISTURBED[1]);

  const random = seededRandom(20);
  const hit = new Map<Phase, number>();
  let kills = 0;
  let moments: Moment[] = [];
  const wanted = () => kills < KILLS || (kills < MOST_KILLS && PHASES.some((phase) => !hit.has(phase)));
  const kill = async (name: string, words: readonly string[]): Promise<boolean> => {
    if (moments.length === 0) moments = shuffled(MOMENTS, random);
    const atTheEnd = kills === KILLS - 1 || (kills >= KILLS && !hit.has('finishing'));
    const moment = kills === 0 ? /^Run / : atTheEnd ? LAST_EPOCH : moments.pop();
    if (!(await killAfter(moment, words, random, moment === undefined ? 4000 : moment === LAST_EPOCH ? 200 : 500))) return false;
    kills++;
    const begun = existsSync(projectPath('outputs', name, 'config.json'));
    const phase = begun ? phaseOf(name) : 'before the first checkpoint';
    hit.set(phase, (hit.get(phase) ?? 0) + 1);
    context.diagnostic(`kill ${kills} of run ${name}: ${phase}`);
    return true;
  };
  // On a machine so fast that a run ends before all kills are spent, it is compared, and another one takes the rest.
  while (wanted()) {
    const name = `zz-kill-${process.pid}-${names.length}`;
    const words = ['--preset', settings, '--run', name, '--checkpoint-minutes', '0'];
    names.push(name);
    while (wanted() && (await kill(name, words)));
    finish(words);
    assertSameRuns(name, UNDISTURBED[0]);
  }
  context.diagnostic([...hit].map(([phase, count]) => `${phase}: ${count}`).join(', '));
  for (const phase of PHASES) assert.ok(hit.has(phase), `no kill hit it ${phase}`);
});
