/**
 * The shape of `lib`: which folder may import which, how large each may grow, and how much of it a notebook compiles. What a
 * folder holds is told in the README; here is what keeps it so.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { globSync } from 'glob';
import { projectPath } from '../../lib/base/project';

/** From the bottom up, with the most lines and files that each may have: what stands here imports only what stands above it. */
const PLACES: readonly (readonly [place: string, lines: number, files: number])[] = [
  ['base', 577, 9],
  ['config.ts', 230, 1],
  ['presets.ts', 85, 1],
  ['images', 752, 11],
  ['data', 1040, 9],
  ['graph', 1100, 13],
  ['faces', 573, 9],
  ['model', 985, 14],
  ['run', 415, 4],
  ['training', 1300, 12],
  ['predict', 330, 7],
  ['evaluation', 500, 8],
  ['figures', 715, 8],
  ['pages', 355, 5],
  ['course', 1407, 16],
  ['index.ts', 50, 1],
  ['demo', 1500, 22],
  ['tools', 2588, 34],
];

/** The page in lib/demo apart, which nothing else stands on. */
const MOST = { lines: 12945, files: 160 };
/** Of what `lib/index.ts` reaches: each kernel compiles it before the first cell answers. */
const MOST_IN_NOTEBOOKS = { lines: 10140, files: 120 };
/** The loop that trains is read from top to bottom, in one file. */
const MOST_LINES_OF_TRAINER = 249;
const MOST_NAMES_OF_INDEX = 40;

const files = globSync('**/*.{ts,cjs,py,h}', { cwd: projectPath('lib') }).sort();
const textOf = new Map(files.map((file) => [file, readFileSync(projectPath('lib', file), 'utf8')]));
const linesOf = (some: readonly string[]) => some.reduce((sum, file) => sum + (textOf.get(file) ?? '').split('\n').length - 1, 0);
const placeOf = (file: string) => file.split('/')[0];

/** The files of lib that a file imports, for their types too. Throws where it imports anything else of the project. */
function importsOf(file: string): string[] {
  const text = textOf.get(file) ?? '';
  const names = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'(\.{1,2}\/[^']*)'/g)].map((match) => match[1]);
  return names.map((name) => {
    const target = path.posix.join(path.posix.dirname(file), name);
    const found = [target, `${target}.ts`, `${target}/index.ts`].find((candidate) => textOf.has(candidate));
    return found ?? assert.fail(`lib/${file} imports ${name}, which is not in lib`);
  });
}

function reachableFrom(start: string): string[] {
  const reached = new Set([start]);
  for (const file of reached) for (const imported of importsOf(file)) reached.add(imported);
  return [...reached];
}

test('every folder of lib keeps to its budget of lines and files', () => {
  for (const [place, lines, most] of PLACES) {
    const own = files.filter((file) => placeOf(file) === place);
    assert.ok(own.length > 0, `lib/${place} is gone: take it out of this test`);
    assert.ok(own.length <= most, `lib/${place} has ${own.length} files, at most ${most} are planned`);
    assert.ok(linesOf(own) <= lines, `lib/${place} has ${linesOf(own)} lines, at most ${lines} are planned`);
  }
  const counted = files.filter((file) => placeOf(file) !== 'demo');
  assert.ok(counted.length <= MOST.files, `lib has ${counted.length} files`);
  assert.ok(linesOf(counted) <= MOST.lines, `lib has ${linesOf(counted)} lines`);
});

test('arrows between the folders of lib go one way', () => {
  const order = PLACES.map(([place]) => place);
  for (const file of files) {
    const own = order.indexOf(placeOf(file));
    assert.ok(own >= 0, `lib/${file}: give its place a line in this test`);
    for (const imported of importsOf(file)) {
      assert.ok(order.indexOf(placeOf(imported)) <= own, `lib/${file} imports ${imported}, which stands above it`);
    }
  }
});

test('no files of lib import each other in a circle', () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `a circle: ${[...way.slice(way.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const imported of importsOf(file)) visit(imported, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test('what a notebook compiles stays small, and offers few names', () => {
  const reached = reachableFrom('index.ts');
  assert.ok(reached.length <= MOST_IN_NOTEBOOKS.files, `lib/index.ts reaches ${reached.length} files`);
  assert.ok(linesOf(reached) <= MOST_IN_NOTEBOOKS.lines, `lib/index.ts reaches ${linesOf(reached)} lines`);
  const text = textOf.get('index.ts') ?? '';
  assert.ok(!/export \*/.test(text), 'lib/index.ts names what it offers');
  const names = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap((match) => match[1].split(',').filter((name) => name.trim()));
  assert.ok(names.length <= MOST_NAMES_OF_INDEX, `lib/index.ts offers ${names.length} names`);
});

test('the loop that trains is one file of a readable length', () => {
  const lines = linesOf(['training/trainer.ts']);
  assert.ok(lines > 100 && lines <= MOST_LINES_OF_TRAINER, `lib/training/trainer.ts has ${lines} lines`);
});
