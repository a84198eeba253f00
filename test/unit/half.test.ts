import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/base/random';
import { encodeHalf } from '../../lib/demo/half';
import { HALVES } from '../../lib/model/layers-folder';

function decode(bytes: Uint8Array): Float32Array {
  return Float32Array.from(new Uint16Array(bytes.buffer), (half) => HALVES[half]);
}

test('every half precision number comes back as it was', () => {
  const all = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer);
  const values = decode(all);
  const again = decode(encodeHalf(values));
  for (let bits = 0; bits < values.length; bits++) assert.ok(Object.is(again[bits], values[bits]), `0x${bits.toString(16)}`);
});

test('numbers between two halves go to the nearer one', () => {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: 10_000 }, () => (random() - 0.5) * 2 ** (20 * random() - 10));
  const rounded = decode(encodeHalf(values));
  for (const [index, value] of values.entries())
    assert.ok(Math.abs(rounded[index] - value) <= Math.max(Math.abs(value) * 2 ** -11, 2 ** -25), `${value}`);
});

test('ties go to the even neighbour, and what is too large becomes infinite', () => {
  assert.deepEqual([...decode(encodeHalf(Float32Array.of(2049, 2051, 65_519, 65_520, -1e9)))], [2048, 2052, 65_504, Infinity, -Infinity]);
});
