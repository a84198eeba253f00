/** What a person may get wrong on the command line: one clear line, an exit code, and nothing left behind. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { runCommand } from '../command';
import { blotches, tarGz, temporaryFolder, writeFiles } from '../files';

/** Wrong usage, refused with words that match, on one line. */
const MISUSED: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
  ['an unknown command', ['trane'], /"trane".*walkthrough, train, predict/],
  ['an unknown option', ['train', '--epohcs', '3'], /--epohcs.*Expected --preset/],
  ['an unknown option of predict', ['predict', '--jsonl'], /--jsonl.*Expected --json/],
  ['an image that is not there', ['predict', 'no-such-photo.jpg'], /no-such-photo\.jpg: no image there/],
  ['a name that begins like an option', ['predict', '-no-such-photo.jpg'], /Unknown option '-n'/],
  ['two ways to answer', ['predict', '--json', '--csv'], /--json and --csv: expected one of them/],
  ['two framings', ['predict', '--aligned', '--whole-image'], /--aligned and --whole-image: expected one of them/],
  ['to go on with nothing', ['predict', '--resume'], /--resume: expected --to <file>/],
  ['to write over a file', ['predict', '--to', 'package.json'], /package\.json: is there already/],
  ['faces of no size', ['predict', '--min-face', 'small'], /--min-face small: expected a number of pixels/],
  ['copies over the photos', ['predict', 'data/my image', '--out', 'data/my image'], /would be written over\. Expected an empty folder/],
  ['one model to compare', ['compare', 'data/model'], /compare -- data\/model: expected two runs or model folders/],
];

/** Each is refused with words that match, on one line. */
const REFUSED: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
  ['an unknown preset', ['train', '--preset', 'fast'], /preset "fast".*demo.*classic|preset "fast".*classic.*demo/],
  ['no epochs', ['train', '--epochs', '0'], /epochs 0: expected a whole number of at least 1/],
  ['an image size that no base takes', ['train', '--image-size', '100'], /imageSize 100: expected a multiple of 16/],
  ['a number that is none', ['train', '--seed', 'one'], /seed "one": expected a whole number of at least 0/],
  ['data that is not there', ['train', '--data', 'no/such/folder'], /no\/such\/folder: no such file or folder/],
  ['weights that are not there', ['train', '--weights', 'no/such/weights'], /no\/such\/weights/],
  ['a run that is none', ['report', '--run', 'never-made'], /never-made.*no such run/],
  ['a run name with a path in it', ['train', '--run', '../elsewhere'], /run "\.\.\/elsewhere".*plain folder name/],
  ['a run to compare that is none', ['compare', 'data/model', 'never-made'], /never-made.*no such run/],
  ['a split that is none', ['evaluate', '--split', 'most'], /--split most: expected "all" or "run"/],
  ["data without the model's validation images", ['evaluate', '--split', 'run'], /the validation image [0-9a-f]+… of .* is not in it/],
  [
    'a model that is not there',
    ['predict', '--model', 'no/such/model'],
    /no\/such\/model: no such folder\. Expected the model\/ folder of a run/,
  ],
];

for (const [what, words, says] of MISUSED) {
  test(`refuses ${what}, as wrong usage`, () => refuses(words, says, {}, 2));
}

for (const [what, words, says] of REFUSED) {
  test(`refuses ${what}`, () => refuses(words, says));
}

test('refuses a settings file with an unknown key', (context) => {
  const file = path.join(temporaryFolder(context), 'mine.json');
  writeFileSync(file, '{"preset": "demo", "learnRate": 1}');
  refuses(['train', '--preset', file], /"learnRate".*expected one of preset, data/);
});

test('refuses settings of a wrong type in a file, one line each', (context) => {
  const folder = temporaryFolder(context);
  const files: readonly (readonly [content: string, says: RegExp])[] = [
    ['{"data": 5}', /^data 5: expected a path/],
    ['[1]', /wrong\.json: expected settings by their names/],
    ['{"seed": 1', /wrong\.json: cannot be read as JSON/],
    ['\ufeff{"augmentation": {"flip": "no"}}', /^augmentation\.flip "no": expected true or false/],
  ];
  for (const [content, says] of files) {
    writeFiles(folder, { 'wrong.json': content });
    refuses(['train', '--preset', path.join(folder, 'wrong.json')], says);
  }
});

test('takes paths from where the command was typed', (context) => {
  const folder = temporaryFolder(context);
  writeFiles(folder, { 'mine.json': '{"preset": "demo", "data": "faces"}' });
  const typed = { INIT_CWD: folder };
  refuses(['train', '--preset', 'mine.json'], new RegExp(`^${folder}/faces: no such file or folder`), typed);
  refuses(['train', '--data', 'other'], new RegExp(`^${folder}/other: no such file or folder`), typed);
  refuses(['train', '--preset', 'mine.json', '--data', folder], new RegExp(`^${folder}: `), typed);
  refuses(['train', '--weights', 'w.h5'], new RegExp(`^${folder}/w\\.h5: cannot be read \\(ENOENT`), typed);
});

test('refuses an empty folder as data', (context) =>
  refuses(['train', '--data', temporaryFolder(context)], /the folder is empty\. Expected/));

test('refuses weights of the wrong shape, by name', (context) => {
  const folder = temporaryFolder(context);
  const weights = [{ name: 'Conv/kernel', shape: [3, 3, 3, 16], dtype: 'float32' }];
  writeFiles(folder, {
    'model.json': JSON.stringify({ format: 'layers-model', modelTopology: {}, weightsManifest: [{ paths: ['weights.bin'], weights }] }),
    'weights.bin': Buffer.alloc(4 * 3 * 3 * 3 * 16),
  });
  refuses(['train', '--weights', folder], /Conv\/kernel has the shape 3x3x3x16, expected 3x3x3x32/);
});

test('refuses an archive that is cut short, and unpacks none of it', async (context) => {
  const folder = temporaryFolder(context);
  const archive = tarGz([{ name: 'UTKFace/1_0_0_20170101000000000.jpg.chip.jpg', content: await blotches(1) }]);
  writeFiles(folder, { 'short.tar.gz': archive.subarray(0, archive.length / 2) });
  refuses(['catalog', '--data', path.join(folder, 'short.tar.gz')], /short\.tar\.gz/);
  assert.deepEqual(
    readdirSync(projectPath('data', 'cache')).filter((name) => name.startsWith('short')),
    [],
  );
});

test('refuses a run folder that another configuration made', (context) => {
  const name = `zz-bad-input-${process.pid}`;
  const folder = projectPath('outputs', name);
  context.after(() => import('node:fs').then(({ rmSync }) => rmSync(folder, { recursive: true, force: true })));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ preset: 'demo', seed: 99 }));
  const { code, stderr } = runCommand(['train', '--run', name, '--seed', '1']);
  assert.equal(code, 1);
  assert.match(stderr, /another configuration .*seed 99, not 1/);
  assert.deepEqual(readdirSync(folder), ['config.json']);
});

function refuses(words: readonly string[], says: RegExp, environment: Readonly<Record<string, string>> = {}, exitCode = 1): void {
  const runs = () => readdirSync(projectPath('outputs')).sort();
  const before = runs();
  const { code, stdout, stderr } = runCommand(words, environment);
  assert.equal(code, exitCode);
  assert.match(stderr, says);
  assert.equal(
    stderr
      .trim()
      .split('\n')
      .filter((line) => !/: [\d,.]+ of [\d,.]+ /.test(line)).length,
    1,
    `expected one line, got: ${stderr}`,
  );
  assert.equal(stdout, '');
  assert.deepEqual(runs(), before);
}
