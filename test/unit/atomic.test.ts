import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolderAtomically, streamFileAtomically, sweepHalfWritten, writeFileAtomically } from '../../lib/base/atomic';
import { InputError } from '../../lib/base/errors';
import { contentsOf, temporaryFolder } from '../files';

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
  const broken = streamFileAtomically(target, async (output) => {
    await output.writeFile('one ');
    throw new TypeError('a defect');
  });
  await assert.rejects(broken, TypeError);
  assert.deepEqual(await contentsOf(folder), []);
  await streamFileAtomically(target, async (output) => {
    await output.writeFile('one ');
    assert.equal((await contentsOf(folder)).includes('pixels.u8'), false);
    await output.writeFile('two');
  });
  assert.equal(readFileSync(target, 'utf8'), 'one two');
  assert.deepEqual(await contentsOf(folder), ['pixels.u8']);
});

test('what a killed process left is swept, but not what somebody is still writing', async (context) => {
  const folder = temporaryFolder(context);
  const [left, current] = ['a.u8.0123abcd.part', 'b.u8.89abcdef.part'].map((name) => path.join(folder, name));
  for (const file of [left, current]) writeFileSync(file, 'half');
  utimesSync(left, new Date(0), new Date(0));
  await sweepHalfWritten(folder, 60_000);
  assert.deepEqual(await contentsOf(folder), ['b.u8.89abcdef.part']);
  await sweepHalfWritten(folder);
  assert.deepEqual(await contentsOf(folder), []);
});
