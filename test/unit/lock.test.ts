import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { holdLock } from '../../lib/base/lock';
import { projectPath, typeScriptArguments } from '../../lib/base/project';
import { temporaryFolder } from '../files';

const skip = process.platform === 'linux' ? false : 'locks are there on Linux only';

/** A process that runs `then` while it holds the place's lock. */
async function holder(context: TestContext, place: string, then: string): Promise<ChildProcess> {
  const code = `require(${JSON.stringify(projectPath('lib/base/lock.ts'))}).holdLock(${JSON.stringify(place)}).then((lock) => {
    process.stdout.write('release' in lock ? 'held' : 'refused ' + lock.holder);
    ${then};
  });`;
  const child = spawn(process.execPath, [...typeScriptArguments(), '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  assert.equal(String(await once(child.stdout, 'data')), 'held');
  return child;
}

test('a lock that another process holds is refused with its number, and free as soon as that one is killed', { skip }, async (context) => {
  const place = path.join(temporaryFolder(context), 'run');
  const child = await holder(context, place, 'setInterval(() => undefined, 1000)');
  assert.deepEqual(await holdLock(place), { holder: child.pid });
  assert.ok('release' in (await holdLock(`${place}2`)), 'the lock of another place');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await holdLock(place);
  assert.ok('release' in lock);
  assert.deepEqual(await holdLock(place), { holder: process.pid });
  lock.release();
  assert.ok('release' in (await holdLock(place)));
});

test('of many who want a lock at once one gets it', { skip }, async (context) => {
  const place = path.join(temporaryFolder(context), 'run');
  const answers = await Promise.all(Array.from({ length: 20 }, () => holdLock(place)));
  assert.equal(answers.filter((answer) => 'release' in answer).length, 1);
});

test('a lock is no reason for a process to stay', { skip }, async (context) => {
  const child = await holder(context, path.join(temporaryFolder(context), 'run'), '');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a holder that is too busy for anything else is named all the same', { skip }, async (context) => {
  const place = path.join(temporaryFolder(context), 'run');
  const { pid } = await holder(context, place, 'for (;;) {}');
  assert.deepEqual(await holdLock(place), { holder: pid });
});
