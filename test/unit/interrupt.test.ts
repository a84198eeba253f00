/** Real signals to this very process: the first asks, the second goes to whoever listened before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { interruptible } from '../../lib/training/interrupt';

test('the first signal aborts, an echo of it is ignored, the second is for whoever listened before', async (context) => {
  let others = 0;
  const other = () => void others++;
  process.on('SIGINT', other);
  context.after(() => process.removeListener('SIGINT', other));
  const seen = await interruptible(async (signal) => {
    assert.equal(signal.aborted, false);
    process.kill(process.pid, 'SIGINT');
    await wait(50);
    process.kill(process.pid, 'SIGINT'); // as npm passes it on
    await wait(50);
    assert.equal(signal.aborted, true);
    assert.equal(others, 0);
    await wait(800);
    process.kill(process.pid, 'SIGINT');
    await wait(50);
    return others;
  });
  assert.equal(seen, 1);
  assert.deepEqual(process.listeners('SIGINT'), [other]);
  for (const name of ['SIGTERM', 'SIGHUP']) assert.equal(process.listenerCount(name), 0);
});

test('listeners come back when the work fails', async (context) => {
  const other = () => undefined;
  process.on('SIGINT', other);
  context.after(() => process.removeListener('SIGINT', other));
  await assert.rejects(
    interruptible(async () => {
      throw new RangeError('on its own');
    }),
    RangeError,
  );
  assert.deepEqual(process.listeners('SIGINT'), [other]);
});

for (const name of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${name} is a request, too`, async () => {
    await interruptible(async (signal) => {
      process.kill(process.pid, name);
      await wait(50);
      assert.equal(signal.aborted, true);
    });
  });
}
