/** Records of runs: read back from a page, and held against each other. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lib/base/errors';
import { RECORD_MARK, type RunRecord, recordOf } from '../../lib/evaluation/run-record';
import { completeConfig } from '../../lib/run/run';

/** The record in a page of a report, or of a run's folder. Throws an InputError where there is none. */
export function readRecord(place: string): RunRecord {
  const expected = 'Expected a page of a report that npm run report made, or the folder of a run below outputs/';
  if (!existsSync(place)) throw new InputError(`${place}: no such file or folder. ${expected}.`);
  if (existsSync(path.join(place, 'config.json'))) return recordOf(place);
  if (statSync(place).isDirectory()) throw new InputError(`${place}: a folder without a run. ${expected}.`);
  const [, json] = readFileSync(place, 'utf8').split(RECORD_MARK);
  if (json === undefined) throw new InputError(`${place}: no record of a run in it. ${expected}; pages of old have none.`);
  try {
    const record: RunRecord = JSON.parse(json.slice(0, json.indexOf('</script>')));
    return { ...record, config: completeConfig(record.config, place) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${place}: its record of a run is damaged. Copy the page again.`);
  }
}

/** How far two runs of one recipe are apart. */
export interface Comparison {
  /** By part, whether both are the same to the last digit; seconds are not compared. */
  readonly same: Readonly<Record<'configuration' | 'split' | 'history' | 'weights', boolean>>;
  /** The largest differences in any epoch, on either side: "0.41 years and 2.76 points". */
  readonly apart: string;
  /** The epochs that are further apart than the tolerance of their session. */
  readonly outside: readonly string[];
}

interface Distance {
  /** Of the age MAE. */
  readonly years: number;
  /** Of gender accuracy, in percent. */
  readonly points: number;
}

/**
 * How far apart rounding alone carries two trainings of a session, which differs between processors, versions and numbers of threads. Heads
 * on a frozen base stay together. A whole network does not: soon its weights are others, as good as before, and the fewer faces judge it,
 * the more that shows. Measured with oneDNN and without, with AVX2 alone, and with one thread instead of two, the furthest apart in any
 * epoch: heads a millionth of a year; whole networks 1.80 years and 2.5 points on 158 drawn faces (four pairs of the preset demo), 0.41 years and
 * 2.8 points on 796 of UTKFace (two pairs of classic, 96 px).
 */
export function toleranceOf({ config, provenance }: RunRecord, session: number): Distance {
  const faces = provenance.split?.validation ?? 1;
  const headsOnly = config.sessions.slice(0, session).every(({ trainable }) => trainable === 'heads');
  return headsOnly ? { years: 0.001, points: 100 / faces } : { years: 30 / Math.sqrt(faces), points: 3 + 15 / Math.sqrt(faces) };
}

/** "session 1 within 0.001 years and 0.63 points, session 2 within …". */
export function toleranceText(record: RunRecord): string {
  return record.config.sessions.map((_, index) => `session ${index + 1} within ${textOf(toleranceOf(record, index + 1))}`).join(', ');
}

const textOf = ({ years, points }: Distance): string => `${years.toPrecision(2)} years and ${points.toPrecision(2)} points`;

export function compareRuns(before: RunRecord, again: RunRecord): Comparison {
  const equal = (part: (record: RunRecord) => unknown) => JSON.stringify(part(before)) === JSON.stringify(part(again));
  const same = {
    configuration: equal(({ config }) => ({ ...config, data: null, weights: null })),
    split: equal(({ splitSha256 }) => splitSha256),
    history: equal(({ history }) => history.map(({ seconds: _, imagesPerSecond: __, ...epoch }) => epoch)),
    weights: equal(({ weightsSha256 }) => weightsSha256),
  };
  const distances = before.history.flatMap((epoch, index) =>
    (['training', 'validation'] as const).map((side) => {
      const [then, now] = [epoch[side], again.history[index][side]];
      const years = Math.abs(now.ageMaeYears - then.ageMaeYears);
      const points = 100 * Math.abs(now.genderAccuracy - then.genderAccuracy);
      return { years, points, side, session: epoch.session, epoch: epoch.epoch };
    }),
  );
  const largest = (of: keyof Distance) => Math.max(...distances.map((distance) => distance[of]));
  const outside = distances.filter(({ session, years, points }) => {
    const most = toleranceOf(before, session);
    return !(years <= most.years && points <= most.points);
  });
  return {
    same,
    apart: textOf({ years: largest('years'), points: largest('points') }),
    outside: outside.map(({ session, epoch, side, ...distance }) => `session ${session}, epoch ${epoch}, ${side}: ${textOf(distance)}`),
  };
}
