/** Variables keep a copy of what they are set to. One that shared JavaScript's memory would free it on a thread of TensorFlow's. */
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { GraphBuilder, setAll, settable, variable } from '../../lib/graph/builder';
import { GraphSession } from '../../lib/graph/session';
import { openNativeEngine } from '../native-engine';

/** TensorFlow takes over an array as it is only where its first byte lies at a multiple of this. */
const ALIGNMENT_BYTES = 64;

before(openNativeEngine);

it('leaves a variable as it was set when the fed array changes, wherever the array lies in memory', () => {
  const graph = new GraphBuilder();
  const target = settable(graph, variable(graph, 'weight', [4]));
  const set = setAll(graph, [target]);
  const session = new GraphSession(graph.nodes);
  const offsets = ALIGNMENT_BYTES / Float32Array.BYTES_PER_ELEMENT;
  const memory = new Float32Array(offsets + 4);
  for (let offset = 0; offset < offsets; offset++) {
    const values = memory.subarray(offset, offset + 4);
    values.set([1, 2, 3, 4]);
    session.run([{ name: target.feed, shape: [4], values }], [set]);
    values.fill(0);
    assert.deepEqual([...session.run([], [target.value])[0]], [1, 2, 3, 4], `set from an array ${offset} floats on`);
  }
  session.dispose();
});
