import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import type { ProgressUpdate } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { unpackArchive } from '../../lib/data/archive';
import type { DataSource } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { contentsOf, type Entry, tarGz, temporaryFolder, writeFiles, zip } from '../files';

const FACE = Buffer.from('the bytes of a face');
const A = '26_0_2_20170112213001988.jpg.chip.jpg';
const B = '27_1_3_20170112213001989.jpg.chip.jpg';
/** What Kaggle's archive has beside UTKFace/. */
const LEFT_OUT = [
  { file: '../', reason: 'lies beside the faces and holds none', files: 1 },
  { file: '../crop_part1/', reason: 'a copy of UTKFace/', files: 1 },
  { file: '../utkface_aligned_cropped/UTKFace/', reason: 'a copy of UTKFace/', files: 1 },
  { file: '../utkface_aligned_cropped/crop_part1/', reason: 'a copy of UTKFace/', files: 1 },
];
const KINDS = { 'faces.tar.gz': tarGz, 'faces.zip': zip } as const;
type Name = keyof typeof KINDS;
const NAMES: readonly Name[] = ['faces.tar.gz', 'faces.zip'];

const filesOf = ({ files }: DataSource) => files.map(({ file }) => file);

function setUp(context: TestContext, name: string, content: Buffer): { archive: string; cache: string } {
  const folder = temporaryFolder(context);
  writeFiles(folder, { [name]: content });
  return { archive: path.join(folder, name), cache: path.join(folder, 'cache') };
}

async function refused(context: TestContext, name: string, content: Buffer, reason: RegExp): Promise<void> {
  const { archive, cache } = setUp(context, name, content);
  await assert.rejects(unpackArchive(archive, cache), (error: unknown) => {
    assert.ok(error instanceof InputError, String(error));
    assert.ok(error.message.startsWith(archive), error.message);
    assert.match(error.message, reason);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
  assert.deepEqual(await contentsOf(cache), [], 'nothing is left behind');
  assert.deepEqual(await contentsOf(path.dirname(archive)).then((files) => files.filter((file) => !file.startsWith('cache'))), [name]);
}

for (const name of NAMES) {
  const pack = (entries: readonly Entry[]): Buffer => KINDS[name](entries);
  const file = (title: string, content = FACE): Entry => ({ name: title, content });

  test(`${name}: only the shallowest UTKFace folder counts`, async (context) => {
    const { archive, cache } = setUp(
      context,
      name,
      pack([
        file(`crop_part1/${A}`),
        file(`utkface_aligned_cropped/UTKFace/${A}`),
        file('README.md'),
        { name: 'UTKFace/' },
        file(`UTKFace/${A}`, Buffer.from('first')),
        file(`UTKFace/${B}`),
        file('UTKFace/notes.txt'),
        file(`utkface_aligned_cropped/crop_part1/${B}`),
      ]),
    );
    const source = await openSource(archive, { cacheFolder: cache });
    assert.equal(path.dirname(path.dirname(source.folder)), cache);
    assert.deepEqual([...source.leftOut], LEFT_OUT);
    assert.deepEqual(await openSource(archive, { cacheFolder: cache }), source, 'and said so again where it is unpacked already');
    assert.deepEqual(filesOf(source), [A, B, 'notes.txt']);
    assert.equal(readFileSync(path.join(source.folder, A), 'utf8'), 'first');
    assert.deepEqual(await contentsOf(cache).then((all) => all.filter((each) => each.endsWith('.part'))), []);
  });

  test(`${name}: without a UTKFace folder the shallowest folder with faces is taken`, async (context) => {
    const top = setUp(context, name, pack([file(`./${A}`), file(`./${B}`)]));
    assert.deepEqual(filesOf(await openSource(top.archive, { cacheFolder: top.cache })), [A, B]);
    const nested = setUp(context, name, pack([file('cover.jpg'), file(`some/deeper/${B}`), file(`some/${A}`)]));
    const source = await openSource(nested.archive, { cacheFolder: nested.cache });
    assert.deepEqual(filesOf(source), [A, `deeper/${B}`]);
    assert.deepEqual(source.leftOut, [{ file: '../', reason: 'lies beside the faces and holds none', files: 1 }]);
  });

  test(`${name}: is unpacked once, and again when the archive changes`, async (context) => {
    const { archive, cache } = setUp(context, name, pack([file(`UTKFace/${A}`)]));
    const updates: ProgressUpdate[] = [];
    const first = await unpackArchive(archive, cache, (update) => updates.push(update));
    assert.ok(updates.some(({ label, done, total }) => label === `Unpacking ${name}` && done === total));
    updates.length = 0;
    assert.deepEqual(await unpackArchive(archive, cache, (update) => updates.push(update)), first);
    assert.equal(updates.length, 0);
    writeFiles(path.dirname(archive), { [name]: pack([file(`UTKFace/${A}`), file(`UTKFace/${B}`)]) });
    const second = await unpackArchive(archive, cache);
    assert.notEqual(second, first);
    assert.deepEqual(await contentsOf(path.join(second, 'UTKFace')), [A, B]);
  });

  test(`${name}: entries that lead out of the folder, absolute paths and links are refused, and nothing is left of the others`, async (context) => {
    const good = file(`UTKFace/${A}`);
    await refused(context, name, pack([good, file(`UTKFace/../../${B}`)]), /leads out of its folder/);
    await refused(context, name, pack([good, file(`../${B}`)]), /leads out of its folder/);
    await refused(context, name, pack([good, file(`/tmp/${B}`)]), /has an absolute path/);
    await refused(context, name, pack([good, file(`C:/${B}`)]), /has an absolute path/);
    await refused(context, name, pack([good, { name: `UTKFace/${B}`, link: '/etc/passwd' }]), /is a link/);
    await refused(context, name, pack([good, file(`UTKFace\\..\\..\\${B}`)]), /leads out of its folder/);
  });

  test(`${name}: empty, truncated, damaged and wrong archives are refused in one line`, async (context) => {
    const many = pack(
      Array.from({ length: 40 }, (_, index) => file(`UTKFace/${index + 1}_0_0_2017.jpg`, Buffer.from(String(index).repeat(900)))),
    );
    await refused(context, name, Buffer.alloc(0), /is empty \(0 bytes\)/);
    await refused(context, name, pack([]), /empty|no images among its 0 files/);
    await refused(context, name, pack([file('a.txt'), file('b.txt')]), /no images among its 2 files/);
    await refused(context, name, many.subarray(0, many.length * 0.6), /truncated or damaged/);
    await refused(context, name, many.subarray(0, many.length - 9), /truncated or damaged/);
    await refused(context, name, Buffer.from('<html>404 not found</html>'.repeat(100)), /truncated or damaged/);
    const flipped = Buffer.from(many);
    for (let index = 60; index < 90; index++) flipped[index] ^= 0x55;
    await refused(context, name, flipped, /truncated or damaged/);
  });

  test(`${name}: a disk that fills up leaves nothing half-written`, async (context) => {
    const { archive, cache } = setUp(
      context,
      name,
      pack([file(`UTKFace/${A}`), file(`UTKFace/${B}`, Buffer.alloc(3_000_000, 'incompressible?'))]),
    );
    // A limit on file sizes stands in for the full disk: the write fails in the same place, on any machine.
    const script = `require(${JSON.stringify(projectPath('lib/data/archive.ts'))})
      .unpackArchive(${JSON.stringify(archive)}, ${JSON.stringify(cache)})
      .then(() => console.log('unpacked'), (error) => console.log(error.name + ': ' + error.message));`;
    const limited = 'trap "" XFSZ; ulimit -f 1000; exec "$0" --import tsx --eval "$1"';
    const output = execFileSync('bash', ['-c', limited, process.execPath, script], { cwd: projectPath(), encoding: 'utf8' });
    assert.match(output, /^InputError: .*cannot be written: .*free some space/);
    assert.deepEqual(await contentsOf(cache), []);
  });
}

test('hard links in a tar are copies of files before them, and of nothing else', async (context) => {
  const good = { name: `UTKFace/${A}`, content: FACE };
  const { archive, cache } = setUp(context, 'faces.tar.gz', tarGz([good, { name: `UTKFace/${B}`, hardLink: `UTKFace/${A}` }]));
  const { folder, files } = await openSource(archive, { cacheFolder: cache });
  assert.deepEqual(
    files.map(({ file }) => readFileSync(path.join(folder, file))),
    [FACE, FACE],
  );
  for (const hardLink of ['/etc/passwd', '../../etc/passwd', `UTKFace/${B}`]) {
    await refused(context, 'faces.tar.gz', tarGz([good, { name: `UTKFace/${B}`, hardLink }]), /is a link/);
  }
});

test('a truncated gzip of a sound length of tar is refused too', async (context) => {
  const whole = tarGz([{ name: `UTKFace/${A}`, content: FACE }]);
  await refused(context, 'faces.tgz', whole.subarray(0, whole.length - 4), /truncated or damaged/);
});

test('what is no folder and no archive is refused with what was expected', async (context) => {
  const folder = temporaryFolder(context);
  writeFiles(folder, { 'faces.rar': FACE, 'empty/.keep': '' });
  const open = (data: string) => openSource(data, { cacheFolder: path.join(folder, 'cache') });
  await assert.rejects(open(path.join(folder, 'none')), /none: no such file or folder\. Expected a folder, a \.tar\.gz or a \.zip/);
  await assert.rejects(open(path.join(folder, 'faces.rar')), /faces\.rar: not a data set\. Expected/);
  await assert.rejects(open(path.join(folder, 'empty')), /empty: no images in this folder\. Expected/);
});

test('of a folder, too, only the shallowest UTKFace counts', async (context) => {
  const folder = temporaryFolder(context);
  writeFiles(folder, { [`crop_part1/${A}`]: FACE, [`UTKFace/${A}`]: FACE, [`utkface_aligned_cropped/UTKFace/${A}`]: FACE });
  const options = { cacheFolder: path.join(folder, 'cache') };
  const { leftOut, ...source } = await openSource(folder, options);
  assert.deepEqual([source.kind, source.folder, source.label], ['folder', path.join(folder, 'UTKFace'), 'UTKFace']);
  assert.deepEqual(leftOut, [LEFT_OUT[1], LEFT_OUT[2]]);
  assert.deepEqual(await openSource(path.join(folder, 'UTKFace'), options), { ...source, leftOut: [] });
});
