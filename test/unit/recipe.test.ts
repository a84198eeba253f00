/** What the notebooks say of a run is what it began with, and of a session what its configuration does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import type { Settings } from '../../lib/config';
import { recipeTable, runNotes } from '../../lib/course/recipe';
import type { FaceRecord } from '../../lib/data/record';
import { readSplitHashes } from '../../lib/model/model-folder';
import { resolveConfig } from '../../lib/presets';

const face: FaceRecord = { file: '', sha256: '', ageYears: 30, gender: 0, race: 0 };

/** The table's text for a run on so many training faces. */
function recipe(settings: Settings, session: 1 | 2, trainingFaces = 3200): string {
  const split = { training: Array.from({ length: trainingFaces }, () => face), validation: [face] };
  return recipeTable({ config: resolveConfig(settings), split }, session)
    .replace(/<[^>]+>/g, '|')
    .replace(/&#39;/g, "'");
}

test('the plain recipe: heads on frozen features, then everything, two plain losses, one learning rate', () => {
  const [first, second] = [recipe({ preset: 'classic' }, 1), recipe({ preset: 'classic' }, 2)];
  assert.match(first, /the two heads; the base is frozen/);
  assert.match(first, /features, made once/);
  assert.match(second, /the whole network/);
  for (const text of [first, second]) {
    assert.match(text, /one linear unit, in standard deviations from the mean age/);
    assert.match(text, /\|squared error of age \+ cross-entropy of gender\|/);
    assert.match(text, /\|0\.0001\|/);
    assert.match(text, /\|the weights\|/);
  }
  assert.match(second, /\|as they are\|/);
});

test('the preset best: a distribution, weighted losses, one cosine over the run, augmented images, averaged weights', () => {
  const [first, second] = [recipe({ preset: 'best' }, 1), recipe({ preset: 'best' }, 2)];
  for (const text of [first, second]) {
    assert.match(text, /the whole network/);
    assert.match(text, /a softmax over 117 one-year bins; its expected value is the age/);
    assert.match(text, /labels spread by up to [\d.]+ years/);
    assert.doesNotMatch(text, /squared error/);
    assert.match(text, /augmented anew in every epoch: cut to \d+ px/);
    assert.match(text, /a running average of the weights/);
  }
  const [end, start] = [/to ([\d.e-]+)\|/.exec(first)?.[1], /in this session from ([\d.e-]+)/.exec(second)?.[1]];
  assert.equal(end, start, 'session 2 goes on where session 1 ended');
  assert.match(second, /falls along half a cosine to 0/);
  assert.doesNotMatch(first, /framed as they are judged/);
  assert.match(second, /\|last epochs\|+\d+ on faces framed as they are judged: whole, \d+ px wide, [^|]*falls from [\d.]+ to 0\|/);
});

test('a run that ends within its warm-up does not claim to reach its learning rate', () => {
  assert.match(recipe({ preset: 'best', epochs: 1 }, 1, 96), /rises towards [\d.]+, which is \d+ steps away/);
});

test('a run says that its faces are drawn only where they are, and what its base has learned before', () => {
  const notes = (drawn: boolean, weights: string | undefined) => {
    const text = runNotes(drawn, weights, [face]).join('\n');
    return [/^These faces are drawn/, /No ImageNet weights were given/, /none of them judges this run/].map((note) => note.test(text));
  };
  assert.deepEqual(notes(true, 'imagenet'), [true, false, false]);
  assert.deepEqual(notes(true, 'bundled'), [true, true, false]);
  assert.deepEqual(notes(false, 'bundled'), [false, false, true]);
  assert.deepEqual(notes(false, undefined), [false, false, false]);
});

test('a run of old that is judged by faces which its base has learned from says so, and how many they are', () => {
  const [sha256] = readSplitHashes(projectPath('data', 'model')).training;
  const [note] = runNotes(false, 'bundled', [face, { ...face, sha256 }, face]);
  assert.doesNotMatch(note, /none of them judges/);
  assert.match(note, /and 1 of the 3 faces that judge this run are among them/);
});
