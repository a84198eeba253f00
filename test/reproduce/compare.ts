/** Two runs of one recipe held against each other: their files, and what came of them. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lib/base/errors';
import { percent, years } from '../../lib/base/text';
import { HASH_DIGITS } from '../../lib/data/record';
import { RECORD_MARK, type RunRecord, recordOf } from '../../lib/evaluation/run-record';
import type { FoundFile } from '../../lib/images/find';
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
    return { ...record, config: completeConfig(record.config) };
  } catch {
    throw new InputError(`${place}: its record of a run is damaged. Copy the page again.`);
  }
}

/** Of the files with these hashes, those that are not among the packed ones; and how many of the packed ones are not among them. */
export function otherFiles(packed: string, files: readonly FoundFile[], each: readonly string[]) {
  const hex = Buffer.from(packed, 'base64').toString('hex');
  const known = new Set(
    Array.from({ length: hex.length / HASH_DIGITS }, (_, index) => hex.slice(HASH_DIGITS * index, HASH_DIGITS * (index + 1))),
  );
  const others = files.filter((_, index) => !known.has(each[index])).map(({ file }) => file);
  return { others, missing: known.size - (files.length - others.length) };
}

/** How far two runs of one recipe are apart. */
export interface Comparison {
  /** By part, whether both are the same to the last digit; seconds are not compared. */
  readonly same: Readonly<Record<'configuration' | 'split' | 'history' | 'weights', boolean>>;
  /** The largest differences in any epoch, on either side: of the age MAE in years, and of gender accuracy in points. */
  readonly ageYears: number;
  readonly genderPoints: number;
  /** What is further apart than the tolerance of its session: "session 2, epoch 1, validation: 9.02 years and 81.0 %, 8.41 years and 84.2 % before". */
  readonly outside: readonly string[];
}

/**
 * How far rounding alone carries two trainings of a session apart, which other processors, threads or versions bring about. Heads on a
 * frozen base stay together. A whole network does not: whatever its weights, they soon are another draw, and the fewer faces judge it, the more
 * that shows. Measured on drawn faces and UTKFace, with one thread, without oneDNN and with other instructions: see `TOLERANCE` in its test.
 */
export function toleranceOf(
  { config, provenance }: RunRecord,
  session: number,
): { readonly ageYears: number; readonly genderPoints: number } {
  const faces = provenance.split?.validation ?? 1;
  const onePoint = 100 / faces;
  if (config.sessions.slice(0, session).every(({ trainable }) => trainable === 'heads')) return { ageYears: 0.01, genderPoints: onePoint };
  return { ageYears: 30 / Math.sqrt(faces), genderPoints: 40 / Math.sqrt(faces) };
}

export function compareRuns(before: RunRecord, again: RunRecord): Comparison {
  const equal = (part: (record: RunRecord) => unknown) => JSON.stringify(part(before)) === JSON.stringify(part(again));
  const same = {
    configuration: equal(({ config }) => ({ ...config, data: null, weights: null, teachers: null })),
    split: equal(({ splitSha256 }) => splitSha256),
    history: equal(({ history }) => history.map(({ seconds: _, imagesPerSecond: __, ...epoch }) => epoch)),
    weights: equal(({ weightsSha256 }) => weightsSha256),
  };
  const apart = before.history.flatMap((epoch, index) =>
    (['training', 'validation'] as const).map((side) => {
      const [then, now] = [epoch[side], again.history[index][side]];
      const ageYears = Math.abs(now.ageMaeYears - then.ageMaeYears);
      const genderPoints = 100 * Math.abs(now.genderAccuracy - then.genderAccuracy);
      const tolerated = toleranceOf(before, epoch.session);
      const isOutside = !(ageYears <= tolerated.ageYears && genderPoints <= tolerated.genderPoints);
      const figures = ({ ageMaeYears, genderAccuracy }: typeof now) => `${years(ageMaeYears, 2)} and ${percent(genderAccuracy)}`;
      const text = `session ${epoch.session}, epoch ${epoch.epoch}, ${side}: ${figures(now)}, ${figures(then)} before`;
      return { ageYears, genderPoints, outside: isOutside ? [text] : [] };
    }),
  );
  return {
    same,
    ageYears: Math.max(...apart.map(({ ageYears }) => ageYears)),
    genderPoints: Math.max(...apart.map(({ genderPoints }) => genderPoints)),
    outside: apart.flatMap(({ outside }) => outside),
  };
}
