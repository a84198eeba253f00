import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { makeFolderAtomically, readJson, sweepHalfWritten, writeFileAtomically } from '../../lib/base/files';
import { contentsOf, temporaryFolder, writeFiles } from '../files';

test('a file is written whole, into folders made on the way', async (context) => {
  const folder = temporaryFolder(context);
  await writeFileAtomically(path.join(folder, 'a/b/c.txt'), 'first');
  await writeFileAtomically(path.join(folder, 'a/b/c.txt'), 'second');
  assert.equal(readFileSync(path.join(folder, 'a/b/c.txt'), 'utf8'), 'second');
  assert.deepEqual(await contentsOf(folder), ['a', 'a/b', 'a/b/c.txt']);
});

test('a full disk is one line that says what to do, and leaves nothing', async (context) => {
  const folder = temporaryFolder(context);
  const target = path.join(folder, 'faces');
  const full = makeFolderAtomically(target, async (temporary) => {
    writeFileSync(path.join(temporary, 'half.jpg'), 'half');
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  });
  await assert.rejects(full, (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.equal(
      error.message,
      `${target} cannot be written: the disk is full: free some space and try again (ENOSPC: no space left on device, write).`,
    );
    return true;
  });
  assert.deepEqual(await contentsOf(folder), []);
});

test('a defect in between passes through as it is, and leaves nothing', async (context) => {
  const folder = temporaryFolder(context);
  const defect = new TypeError('a defect');
  await assert.rejects(
    makeFolderAtomically(path.join(folder, 'faces'), async () => {
      throw defect;
    }),
    (error: unknown) => error === defect,
  );
  assert.deepEqual(await contentsOf(folder), []);
});

test('a folder that another process has finished meanwhile stays', async (context) => {
  const folder = temporaryFolder(context);
  const target = path.join(folder, 'faces');
  await makeFolderAtomically(target, async (temporary) => {
    writeFileSync(path.join(temporary, 'mine.jpg'), 'mine');
    mkdirSync(target);
    writeFileSync(path.join(target, 'theirs.jpg'), 'theirs');
  });
  assert.deepEqual(await contentsOf(folder), ['faces', 'faces/theirs.jpg']);
});

test('a file in pieces appears when the last one is written, or not at all', async (context) => {
  const folder = temporaryFolder(context);
  const target = path.join(folder, 'pixels.u8');
  async function* pieces(last: () => string) {
    yield Buffer.from('one ');
    assert.equal((await contentsOf(folder)).includes('pixels.u8'), false);
    yield Buffer.from(last());
  }
  const broken = pieces(() => {
    throw new TypeError('a defect');
  });
  await assert.rejects(writeFileAtomically(target, broken), TypeError);
  assert.deepEqual(await contentsOf(folder), []);
  await writeFileAtomically(
    target,
    pieces(() => 'two'),
  );
  assert.equal(readFileSync(target, 'utf8'), 'one two');
  assert.deepEqual(await contentsOf(folder), ['pixels.u8']);
});

test('what processes that are gone left is swept, and nothing of those that run', async (context) => {
  const folder = temporaryFolder(context);
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const left = [`a.u8.${gone}-0123abcd.part`, 'b.u8.0123abcd.part', `c.${gone}-0123abcd.part/d.jpg`]; // b: older ones named no process
  const theirs = ['a.part', `e.u8.${process.ppid}-0123abcd.part`, `f.u8.${process.pid}-0123abcd.part`, 'history.json'];
  writeFiles(folder, Object.fromEntries([...left, ...theirs].map((name) => [name, 'half'])));
  await sweepHalfWritten(folder);
  assert.deepEqual(await contentsOf(folder), theirs);
});

test('a sweep while others write takes nothing away and sees no error', async (context) => {
  const folder = temporaryFolder(context);
  const files = Array.from({ length: 50 }, (_, index) => path.join(folder, `${index}.json`));
  const written = Promise.all(files.map((file) => writeFileAtomically(file, '1')));
  await Promise.all([...files.map(() => sweepHalfWritten(folder)), written]);
  assert.equal((await contentsOf(folder)).length, files.length);
});

/** What the system is asked for, in order: "sync faces", "rename faces"; temporary names end with a star. */
async function watchDisk(context: TestContext, folder: string): Promise<string[]> {
  const asked: string[] = [];
  const note = (what: string, place: string) => asked.push(`${what} ${path.relative(folder, place).replace(/\.[\w-]+\.part/, '*')}`);
  const { open, rename } = fs;
  const handle = await open(folder);
  const places = new WeakMap<object, string>();
  const prototype: typeof handle = Object.getPrototypeOf(handle);
  await handle.close();
  const { sync } = prototype;
  context.mock.method(prototype, 'sync', async function (this: object) {
    await sync.call(this);
    note('sync', places.get(this) ?? '');
  });
  context.mock.method(fs, 'open', async (place: string, flags?: string) => {
    const opened = await open(place, flags);
    places.set(opened, place);
    return opened;
  });
  context.mock.method(fs, 'rename', async (from: string, to: string) => {
    note('rename', to);
    await rename(from, to);
  });
  return asked;
}

test('what is renamed is on the disk before, and its new name after', async (context) => {
  const folder = temporaryFolder(context);
  const asked = await watchDisk(context, folder);
  await writeFileAtomically(path.join(folder, 'one.json'), '1');
  assert.deepEqual(asked.splice(0), ['sync one.json*', 'rename one.json', 'sync ']);
  await makeFolderAtomically(path.join(folder, 'faces'), async (temporary) => writeFiles(temporary, { 'part1/two.jpg': '2' }));
  const renamed = asked.indexOf('rename faces');
  assert.deepEqual(asked.slice(0, renamed).sort(), ['sync faces*', 'sync faces*/part1', 'sync faces*/part1/two.jpg']);
  assert.deepEqual(asked.slice(renamed), ['rename faces', 'sync ']);
});

test('JSON with the mark that some editors set before it is read', (context) => {
  const file = path.join(temporaryFolder(context), 'settings.json');
  writeFileSync(file, '\ufeff{"seed": 2}');
  assert.deepEqual(readJson(file), { seed: 2 });
});
