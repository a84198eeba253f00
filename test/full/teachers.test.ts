/** Five teachers, tiny: each answers for the faces that it has not seen, and a student learns by what they say. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { readJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import { FOLDS } from '../../lib/config';
import type { FaceRecord, Split } from '../../lib/data/record';
import { answerOf, readTeachers } from '../../lib/data/teachers';
import { readProvenance } from '../../lib/run/provenance';
import { openRunFolder } from '../../lib/run/run';
import { readHistory } from '../../lib/training/history';
import { runCommand, succeeded } from '../command';

const SEED = 100_000 + process.pid;
const STUDENT = `zz-taught-${process.pid}`;
const foldOf = (fold: number) => projectPath('outputs', 'teachers', `fold-${fold}-seed-${SEED}`);
const answers = projectPath('outputs', 'teachers', `answers-seed-${SEED}.csv`);
after(() => {
  for (let fold = 1; fold <= FOLDS.length; fold++) rmSync(foldOf(fold), { recursive: true, force: true });
  rmSync(answers, { force: true });
  rmSync(projectPath('outputs', STUDENT), { recursive: true, force: true });
});

const splitOf = (folder: string) => readJson<Split>(path.join(folder, 'split.json'));

test('teachers answer once for every face of the training side, none for one that it has learned from, and a second call trains nothing', () => {
  const words = ['teach', '--seed', String(SEED), '--limit', '100', '--epochs', '1'];
  const first = succeeded(runCommand(words));
  assert.match(first.stdout, /Teacher 5 of 5 is done[\s\S]*faces that each has not seen: gender accuracy [\d.]+ %/);
  const teachers = readTeachers(answers);
  assert.equal(teachers.answers.size, readFileSync(answers, 'utf8').trimEnd().split('\n').length - 1);
  for (let fold = 1; fold <= FOLDS.length; fold++) {
    const { training, validation } = splitOf(foldOf(fold));
    const foldsOf = (side: readonly FaceRecord[]) => new Set(side.map((face) => answerOf(teachers, face)?.fold));
    assert.deepEqual([...foldsOf(validation)], [fold]);
    assert.ok(!foldsOf(training).has(fold));
  }
  const second = succeeded(runCommand(words));
  assert.doesNotMatch(second.stdout, /Session/);
});

test('a student is taught by them, says so, and is not judged by what they have learned from', () => {
  const words = ['train', '--preset', 'best', '--image-size', '48', '--limit', '100', '--epochs', '1', '--seed', String(SEED), '--run'];
  succeeded(runCommand([...words, STUDENT, '--teachers', answers]));
  const run = openRunFolder(STUDENT);
  assert.equal(readProvenance(run).teachers?.sha256, readTeachers(answers).sha256);
  assert.ok(readHistory(run).every(({ training }) => Number.isFinite(training.ageMaeYears)));
  const teachers = readTeachers(answers);
  const { training, validation } = splitOf(run.folder);
  assert.ok(training.every((face) => answerOf(teachers, face)));
  assert.ok(validation.every((face) => !answerOf(teachers, face)));
  // The same 100 faces, of which all but ten judge: most of them are among those that the teachers have learned from.
  const other = runCommand([...words, `${STUDENT}-other`, '--teachers', answers, '--validation-share', '0.9']);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /its teachers have learned from \d+ of the \d+ faces that are to judge the run/);
});
