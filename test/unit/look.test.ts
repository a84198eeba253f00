/** One look at a face on the page: the map of a mirror image is laid over the face as it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Eye, lookAt } from '../../lib/demo/page/look';

test('what a mirror image’s places add is told of the places as they lie in the face, and outputs stay apart from the map', async () => {
  const seen: number[][] = [];
  const parts: Eye = {
    facts: { sizePx: 2 },
    reader: { frame: async () => Uint8Array.from([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]) },
    // A network whose map is its input's red: a place a pixel.
    forward: {
      dispose: () => undefined,
      run: async (pixels: Uint8Array | Float32Array) => {
        seen.push([...pixels]);
        return [Float32Array.of(30), Float32Array.of(0.4, 0.6), Float32Array.from([0, 3, 6, 9], (at) => pixels[at])];
      },
    },
    featureMap: {
      side: 2,
      look: (question, map) => [{ answer: 0, places: [...map].map((x) => (question === 'age' ? x : -x)) }],
    },
  };
  const look = (isMirrored: boolean) =>
    lookAt(parts, { widthPx: 2, heightPx: 2, levels: [] }, { x: 1, y: 1, sidePx: 2, turn: 0 }, isMirrored);
  const [straight, mirrored] = [await look(false), await look(true)];
  assert.deepEqual(seen[1], [2, 2, 2, 1, 1, 1, 4, 4, 4, 3, 3, 3]);
  assert.deepEqual(
    straight.places.map((places) => [...places]),
    [
      [1, 2, 3, 4],
      [-1, -2, -3, -4],
    ],
  );
  assert.deepEqual(mirrored, straight);
  assert.equal(straight.outputs.length, 2);
});
