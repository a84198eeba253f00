/** What becomes of the files that a cell imports: compiled as for `npm run`, read by TypeScript for their types. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readJson } from '../../lib/base/files';
import { projectPath, projectRoot } from '../../lib/base/project';
import { temporaryFolder } from '../files';

/** A cell; or a file that is written before the next cell, as somebody does beside an open notebook. */
type Step = string | { readonly file: string; readonly text: string };

interface Answer {
  /** Whatever the cell was answered with that is not its own output: diagnostics, what was thrown. */
  readonly errors: string;
  /** Files that tslab compiled as a part of the cell. */
  readonly compiled: readonly string[];
  readonly seconds: number;
}

/** A kernel without its sockets: the compiler and the executor as the launcher sets them up. */
const KERNEL = `
const [{ once }, { watch, writeFileSync }, { format }] = [require('node:events'), require('node:fs'), require('node:util')];
const [compile, steps] = JSON.parse(process.argv[1]);
const fromKernel = require('node:module').createRequire(compile);
fromKernel(compile).compileCellsOnly();
const { createConverter } = fromKernel('tslab/dist/converter.js');
const { createExecutor } = fromKernel('tslab/dist/executor.js');
const print = console.log;
console.log = () => {};
(async () => {
  const node = createConverter();
  const said = { errors: [], compiled: [] };
  const convert = (...values) => {
    const converted = node.convert(...values);
    said.compiled = (converted.sideOutputs ?? []).map(({ path }) => path);
    return converted;
  };
  const error = (...values) => said.errors.push(values[0] instanceof Error ? \`\${values[0].name}: \${values[0].message}\` : format(...values));
  const executor = createExecutor(process.cwd(), { node: { ...node, convert } }, { error, log() {} });
  const answers = [];
  for (const step of steps) {
    if (step.file) {
      const noticed = once(watch(process.cwd()), 'change');
      writeFileSync(step.file, step.text);
      await noticed;
      continue;
    }
    Object.assign(said, { errors: [], compiled: [] });
    const startedMs = performance.now();
    await executor.execute(step).catch(error);
    answers.push({ errors: said.errors.join(' / '), compiled: said.compiled, seconds: (performance.now() - startedMs) / 1000 });
  }
  const completed = executor.complete('four.toFi', 9).candidates;
  const shown = executor.inspect('four', 1)?.displayParts.map(({ text }) => text).join('');
  print(JSON.stringify({ answers, completed, shown }));
  process.exit();
})();
`;

interface Session {
  readonly answers: readonly Answer[];
  /** What the Tab key offers for `four.toFi`, and Shift-Tab tells of `four`. */
  readonly completed: readonly string[];
  readonly shown?: string;
}

function inKernel(folder: string, steps: readonly Step[]): Session {
  const compile = projectPath('notebooks', 'kernel', 'kernels', 'tslab', 'compile.cjs');
  return JSON.parse(
    execFileSync(process.execPath, ['--eval', KERNEL, JSON.stringify([compile, steps])], { cwd: folder, encoding: 'utf8' }),
  );
}

function errorsOf({ answers }: Session): readonly string[] {
  return answers.map(({ errors }) => errors);
}

test('the first cell compiles itself alone, is checked against the types of lib, and answers soon', () => {
  const { cells }: { cells: { cell_type: string; source: string[] }[] } = readJson(projectPath('notebooks', '01-explore-data.ipynb'));
  const first = cells.find(({ cell_type }) => cell_type === 'code')?.source.join('') ?? '';
  const session = inKernel(projectRoot(), [first, 'const table: number = tableHtml([], []);', "show.colour = 'red';"]);
  assert.deepEqual(errorsOf(session), [
    '',
    "1:7 - Type 'string' is not assignable to type 'number'.",
    "1:6 - Property 'colour' does not exist on type '(what: string | Figure) => void'.",
  ]);
  assert.deepEqual(session.answers[0].compiled, []);
  assert.ok(session.answers[0].seconds < 20, `${session.answers[0].seconds} s; about 2 on an idle machine with two cores`);
});

test('files beside a notebook run, are completed, and say what is wrong with them; modules in memory are compiled with their cell', (context) => {
  const folder = temporaryFolder(context);
  symlinkSync(projectPath('node_modules'), path.join(folder, 'node_modules'));
  const file = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  file('sums.ts', 'export const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);');
  file('loose.ts', "export const years: number = 'forty';");
  file('fails.ts', 'interface Unused {\n  readonly a: 1;\n}\n\nexport function fail(): never {\n  throw new Error("no");\n}');
  file('broken.ts', 'export const fine = 1;\nexport const = 2;');
  const session = inKernel(folder, [
    "import { total } from './sums'; const four = total([2, 2]); if (four !== 4) throw new Error(String(four));",
    "total(['2']);",
    "import { years } from './loose'; if (years.toFixed() === '40') throw new Error('fixed');",
    "import { fine } from './broken'; fine;",
    "import { fail } from './fails'; try { fail(); } catch (error) { throw new Error(error.stack.split('\\n')[1].trim()); }",
    '/** @module scale */ export const double = (value: number): number => 2 * value;',
    "import { double } from './scale'; if (double(four) !== 8) throw new Error(String(double(four)));",
  ]);
  assert.deepEqual(
    errorsOf(session).map((line) => line.split('\n')[0]),
    [
      '',
      "1:8 - Type 'string' is not assignable to type 'number'.",
      'TypeError: loose_1.years.toFixed is not a function',
      'Error: Transform failed with 1 error:',
      `Error: at fail (${path.join(folder, 'fails.ts')}:6:9)`,
      '',
      '',
    ],
  );
  assert.match(session.answers[3].errors, /broken\.ts:2:13: ERROR: Expected identifier but found "="/);
  assert.deepEqual(session.answers[6].compiled, [path.join(folder, 'scale.js')]);
  assert.deepEqual(session.completed, ['toFixed']);
  assert.equal(session.shown, 'const four: number');
});

test('a file that appears beside a notebook leaves the kernel able to compile', (context) => {
  const folder = temporaryFolder(context);
  symlinkSync(projectPath('node_modules'), path.join(folder, 'node_modules'));
  const session = inKernel(folder, [
    "import { late } from './late';",
    { file: 'late.ts', text: 'export const late = 1;' },
    'const on = 1;',
  ]);
  assert.deepEqual(errorsOf(session), ["1:22 - Cannot find module './late' or its corresponding type declarations.", '']);
});
