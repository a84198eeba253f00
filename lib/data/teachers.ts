/**
 * What teachers say of faces that they never learned from: five networks, each of which did without a fifth of the faces, answer for
 * that fifth. Some labels are wrong, and nobody could guess them; a student that listens to both is led astray less (cross-fitting: Dao
 * et al. 2021, "Knowledge distillation as semiparametric inference"). `npm run teach` makes them.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../base/errors';
import { type FaceRecord, type Split, shortHash } from './record';

export interface TeachersAnswer {
  /** The fold that it lies in, from 1; 0 for a face that no teacher has learned from. */
  readonly fold: number;
  readonly femaleProbability: number;
}

export interface Teachers {
  readonly file: string;
  readonly sha256: string;
  /** By each picture's short hash. */
  readonly answers: ReadonlyMap<string, TeachersAnswer>;
}

const ROW = /^([0-9a-f]+),([0-5]),([01](?:\.\d+)?)$/;
export const HEADER = 'picture,fold,female';

/** Throws an InputError for a file that is missing or holds something else, naming the line. */
export function readTeachers(file: string): Teachers {
  if (!existsSync(file)) throw new InputError(`${file}: no such file. npm run teach makes one.`);
  const text = readFileSync(file, 'utf8');
  const [header, ...rows] = text.trimEnd().split('\n');
  if (header !== HEADER) throw new InputError(`${file}: begins with "${header.slice(0, 80)}", expected "${HEADER}".`);
  const answers = rows.map((row, index) => {
    const [, picture, fold, female] = ROW.exec(row) ?? [];
    if (picture === undefined) throw new InputError(`${file}, line ${index + 2}: "${row}", expected such as "0001e22e5781,5,0.0168".`);
    return [picture, { fold: Number(fold), femaleProbability: Number(female) }] as const;
  });
  return { file, sha256: createHash('sha256').update(text).digest('hex'), answers: new Map(answers) };
}

export function answerOf({ answers }: Teachers, { sha256 }: Pick<FaceRecord, 'sha256'>): TeachersAnswer | undefined {
  return answers.get(shortHash(sha256));
}

/** Throws an InputError where a teacher has learned from a face that is to judge its student. */
export function requireUnseen(teachers: Teachers, { validation }: Split): void {
  const seen = validation.filter((record) => (answerOf(teachers, record)?.fold ?? 0) > 0).length;
  if (seen === 0) return;
  const reason = `its teachers have learned from ${seen} of the ${validation.length} faces that are to judge the run`;
  throw new InputError(`${teachers.file}: ${reason}. Make teachers for this split (npm run teach), or do without.`);
}
