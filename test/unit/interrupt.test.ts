/** Real signals to this very process: the first asks, the second goes to whoever listened before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { InterruptedError } from '../../lib/base/errors';
import { interruptible, throwIfStopped } from '../../lib/training/interrupt';

const GO_ON = 'To go on, try again.';

test('the first signal aborts, an echo of it is ignored, the second is for whoever listened before', async (context) => {
  let others = 0;
  const other = () => void others++;
  process.on('SIGINT', other);
  context.after(() => process.removeListener('SIGINT', other));
  const seen = await interruptible(GO_ON, async (signal) => {
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
    interruptible(GO_ON, async () => {
      throw new RangeError('on its own');
    }),
    RangeError,
  );
  assert.deepEqual(process.listeners('SIGINT'), [other]);
});

test('whoever stops the work is told where it stands and how to go on', async () => {
  const work = async (signal: AbortSignal) => {
    process.kill(process.pid, 'SIGINT');
    await wait(50);
    throwIfStopped(signal, 'in the middle');
  };
  await assert.rejects(interruptible(GO_ON, work), new InterruptedError('Stopped in the middle. All of it is saved. To go on, try again.'));
});

for (const name of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${name} is a request, too`, async () => {
    await interruptible(GO_ON, async (signal) => {
      process.kill(process.pid, name);
      await wait(50);
      assert.equal(signal.aborted, true);
    });
  });
}
