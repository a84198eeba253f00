/** The command that people call, with the model that comes with the course. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { projectRoot } from '../../lib/base/project';
import { ensureSetup } from '../../lib/tools/setup';
import { runCommand, succeeded } from '../command';
import { contentsOf, sampleFace, samplePhotoFile, temporaryFolder } from '../files';
import { writeOddFiles } from '../odd-files';
import { rowsOf } from '../row-schema';

before(() => ensureSetup('engine'));

const MOST_MEGABYTES = 1500;

/** The command in `folder`, its end, and the most memory that it held. */
async function predict(folder: string, words: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'lib/tools/cli/main.ts', 'predict', ...words], {
    cwd: projectRoot(),
    env: { ...process.env, INIT_CWD: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (text: Buffer) => out.push(text.toString()));
  child.stderr.on('data', (text: Buffer) => err.push(text.toString()));
  let megabytes = 0;
  const watch = setInterval(() => {
    const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
    megabytes = Math.max(megabytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }, 200);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(watch);
  return { code, stdout: out.join(''), stderr: err.join(''), megabytes };
}

test('a folder of odd and hostile files is a row each, in order, in bounded memory', async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(path.join(folder, 'odd'));
  const files = await writeOddFiles(path.join(folder, 'odd'), await sampleFace(112));
  const { code, stdout, stderr, megabytes } = await predict(folder, ['odd', '--json']);
  assert.equal(code, 0, stderr);
  const rows = rowsOf(stdout);
  const names = files.map(({ name }) => path.join('odd', name)).sort((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(
    rows.map(({ file }) => file),
    names,
  );
  const byName = new Map(rows.map((row) => [path.basename(row.file), row]));
  for (const { name, outcome } of files) {
    const { error } = byName.get(name) ?? assert.fail(name);
    if (outcome === 'read') assert.equal(error, undefined, `${name}: ${error}`);
    else assert.match(error ?? 'read', outcome, name);
  }
  context.diagnostic(`${Math.round(megabytes)} MB`);
  assert.ok(megabytes < MOST_MEGABYTES, `${megabytes} MB`);
});

test('aligned pictures are answered alike by few and by many at a time, and by CSV and table', async (context) => {
  const folder = temporaryFolder(context);
  const photo = await sampleFace(200);
  mkdirSync(path.join(folder, 'faces'));
  for (let index = 0; index < 510; index++) writeFileSync(path.join(folder, 'faces', `${index}.jpg`), index === 77 ? 'no image' : photo);
  const many = rowsOf((await predict(folder, ['faces', '--aligned', '--json'])).stdout);
  assert.equal(many.length, 510);
  const [few] = rowsOf((await predict(folder, [path.join('faces', '5.jpg'), '--aligned', '--json'])).stdout);
  assert.deepEqual(few.faces[0].box, { x: 0, y: 0, width: 200, height: 200 });
  for (const { file, faces, error, framing } of many) {
    assert.equal(framing, 'aligned');
    if (file === path.join('faces', '77.jpg')) assert.match(error ?? '', /^not an image/);
    else assert.deepEqual(faces, few.faces, file);
  }
  const csv = (await predict(folder, ['faces/5.jpg', '--aligned', '--csv'])).stdout.split('\r\n');
  assert.equal(csv[1].split(',')[2], String(few.faces[0].ageYears));
  const table = (await predict(folder, ['faces/5.jpg', '--aligned'])).stdout;
  assert.match(table, new RegExp(`^faces/5\\.jpg  200 x 200 px at 0, 0 +${Math.round(few.faces[0].ageYears)} years \\(\\d+ to \\d+\\)`));
});

test('the mean with the mirror image is the same for a picture and for its mirror image', async (context) => {
  const folder = temporaryFolder(context);
  const picture = sharp(await sampleFace(192));
  await picture.clone().png().toFile(path.join(folder, 'a.png'));
  await picture.clone().flop().png().toFile(path.join(folder, 'b.png'));
  const answers = async (words: readonly string[]) => rowsOf((await predict(folder, ['.', '--aligned', '--json', ...words])).stdout);
  const [a, b] = await answers(['--flip-average']);
  assert.ok(Math.abs(a.faces[0].ageYears - b.faces[0].ageYears) < 0.11 && Math.abs(a.faces[0].gender.male - b.faces[0].gender.male) < 2e-3);
  const [plain, mirrored] = await answers([]);
  assert.notDeepEqual(plain.faces, mirrored.faces);
});

test('a file of answers that was torn goes on to the same bytes; what is answered is not asked again', async (context) => {
  const folder = temporaryFolder(context);
  for (let index = 0; index < 5; index++) copyFileSync(samplePhotoFile(), path.join(folder, `${index}.jpg`));
  writeFileSync(path.join(folder, '2.jpg'), 'no image');
  succeeded({ signal: null, ...(await predict(folder, ['*.jpg', '--to', 'whole.jsonl'])) });
  const whole = readFileSync(path.join(folder, 'whole.jsonl'));
  assert.equal(rowsOf(whole.toString()).length, 5);
  for (const share of [0, 0.3, 0.7, 1]) {
    writeFileSync(path.join(folder, 'torn.jsonl'), whole.subarray(0, Math.round(share * whole.length)));
    const { code, stderr } = await predict(folder, ['*.jpg', '--to', 'torn.jsonl', '--resume']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(readFileSync(path.join(folder, 'torn.jsonl')), whole);
  }
  writeFileSync(path.join(folder, 'made-up.jsonl'), whole.toString().replace(/"ageYears":[\d.]+/, '"ageYears":1'));
  await predict(folder, ['*.jpg', '--to', 'made-up.jsonl', '--resume']);
  assert.match(readFileSync(path.join(folder, 'made-up.jsonl'), 'utf8'), /"ageYears":1,/);
});

test('copies lie under the names of the photos, and never over one', async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(path.join(folder, 'album', 'sub'), { recursive: true });
  copyFileSync(samplePhotoFile(), path.join(folder, 'album', 'a.jpg'));
  copyFileSync(samplePhotoFile(), path.join(folder, 'album', 'sub', 'b.jpg'));
  writeFileSync(path.join(folder, 'album', 'c.jpg'), 'no image');
  const before = readFileSync(samplePhotoFile());
  succeeded({ signal: null, ...(await predict(folder, ['album', '--out', 'marked'])) });
  assert.deepEqual(await contentsOf(path.join(folder, 'marked')), ['a.jpg', 'sub', path.join('sub', 'b.jpg')]);
  for (const words of [
    ['album', '--out', 'album'],
    ['album', '--out', 'marked'],
    ['album/a.jpg', 'marked/a.jpg', '--out', 'new'],
  ]) {
    const { code, stderr } = await predict(folder, words);
    assert.equal(code, 2);
    assert.match(stderr, /a\.jpg would be written over/);
  }
  assert.deepEqual(readFileSync(path.join(folder, 'album', 'a.jpg')), before);
  assert.deepEqual(readdirSync(folder).sort(), ['album', 'marked']);
});

test('it ends with 0 where there was a face, 1 where there was none, and reads names that look like options', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(path.join(folder, 'text.jpg'), 'no image');
  copyFileSync(samplePhotoFile(), path.join(folder, '-x.jpg'));
  mkdirSync(path.join(folder, 'empty'));
  const none = await predict(folder, ['text.jpg']);
  assert.deepEqual([none.code, none.stderr], [1, '']);
  assert.match(none.stdout, /^text\.jpg {2}not read: not an image that can be read/);
  assert.deepEqual(await predict(folder, ['text.jpg', '--aligned']).then(({ code, stdout }) => [code, stdout]), [1, none.stdout]);
  const empty = await predict(folder, ['empty']);
  assert.deepEqual([empty.code, empty.stdout, empty.stderr], [1, '', 'empty: no image in this folder.\n']);
  assert.equal((await predict(folder, ['text.jpg', '--', '-x.jpg'])).code, 0);
  assert.match(succeeded(runCommand(['predict', '--help'])).stdout, /lib\/predict\/row\.schema\.json/);
});
