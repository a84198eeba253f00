/** What leakage claims, measured: where labels say nothing of the pictures, whatever is known of copies is leaked. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { seededRandom } from '../../lib/base/random';
import type { Settings } from '../../lib/config';
import { CourseRun } from '../../lib/course/course-run';
import { leakageTable } from '../../lib/course/leakage';
import { startRun } from '../../lib/run/data';
import { blotches, temporaryFolder } from '../files';
import { openNativeEngine } from '../native-engine';

const RUNS = ['copies', 'single'].map((name) => `zz-leakage-${process.pid}-${name}`);
const removeRuns = () => {
  for (const name of RUNS) rmSync(projectPath('outputs', name), { recursive: true, force: true });
};
before(openNativeEngine);
before(removeRuns);
after(removeRuns);

/** Blotches of random ages and genders, each so many times; heads learn in strides that are long enough to learn them by heart. */
async function openBlotches(name: string, folder: string, copies: number): Promise<CourseRun> {
  const random = seededRandom(5);
  mkdirSync(folder);
  for (let picture = 0; picture < 160; picture++) {
    const [jpeg, labels] = [await blotches(picture, 64), `${20 + Math.floor(60 * random())}_${Number(random() < 0.5)}_0`];
    for (let copy = 0; copy < copies; copy++) writeFileSync(path.join(folder, `${labels}_${picture}x${copy}.jpg`), jpeg);
  }
  const settings: Settings = { preset: 'demo', data: folder, weights: 'bundled', imageSize: 64, learningRate: 0.005 };
  return new CourseRun(await startRun(settings, name));
}

/** Each row's years, and the share of judging faces with a copy in training. */
function rowsOf(table: string): (readonly [number, number])[] {
  const cells = [...table.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => cell),
  );
  return cells.filter(({ length }) => length > 0).map(([, age, , share]) => [Number.parseFloat(age), Number.parseFloat(share)] as const);
}

test('heads that know copies by heart flatter themselves by these, and the table tells by how much', async (context) => {
  const run = await openBlotches(RUNS[0], path.join(temporaryFolder(context), 'faces'), 3);
  const html = await leakageTable(run);
  const [together, naive, mended, baseline] = rowsOf(html);
  context.diagnostic(html.replace(/<[^>]+>/g, ' '));
  assert.deepEqual([together[1], mended[1]], [0, 0]);
  assert.ok(naive[1] > 30 && naive[1] < 80, `${naive[1]} % of judging faces have a copy in training`);
  assert.ok(mended[0] - naive[0] > 2, `${naive[0]} years against ${mended[0]}`);
  assert.ok(naive[0] < baseline[0] && baseline[0] < mended[0], 'only with copies does noise seem to be learned');
  assert.match(html, /On the same faces, copies flatter by [\d.]+ years \([\d.]+ to [\d.]+\) and/);
});

test('where nothing is there twice, nothing is trained, and it says so', async (context) => {
  const run = await openBlotches(RUNS[1], path.join(temporaryFolder(context), 'faces'), 1);
  assert.match(await leakageTable(run), /nothing leaks/);
});
