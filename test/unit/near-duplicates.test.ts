import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normal, type Random, seededRandom } from '../../lib/base/random';
import { findNearDuplicates, MOST_PAIRS, NEAR_DUPLICATE_CORRELATION } from '../../lib/data/near-duplicates';

const SIZE_PX = 32;

/** A soft picture: a few cosines, as photos are. Some parts are shared, so that many pairs come close to the threshold. */
function picture(random: Random, shared: Float64Array, share: number): Uint8Array {
  const waves = Array.from({ length: 12 }, () => ({
    x: random() * 0.4,
    y: random() * 0.4,
    phase: random() * 7,
    height: 20 * normal(random),
  }));
  return Uint8Array.from({ length: SIZE_PX * SIZE_PX }, (_, index) => {
    const [x, y] = [index % SIZE_PX, Math.floor(index / SIZE_PX)];
    const own = waves.reduce((sum, wave) => sum + wave.height * Math.cos(wave.x * x + wave.y * y + wave.phase), 0);
    return Math.max(0, Math.min(255, 128 + share * shared[index] + (1 - share) * own));
  });
}

function correlation(a: Uint8Array, b: Uint8Array): number {
  const centred = (image: Uint8Array): number[] => {
    const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
    return Array.from(image, (value) => value - mean);
  };
  const [u, v] = [centred(a), centred(b)];
  const dot = (x: number[], y: number[]): number => x.reduce((sum, value, index) => sum + value * y[index], 0);
  return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
}

test('finds exactly the pairs that comparing all with all finds', () => {
  const random = seededRandom(7);
  const shared = Float64Array.from({ length: SIZE_PX * SIZE_PX }, (_, index) => 60 * Math.sin(index / 41));
  const images = Array.from({ length: 260 }, () => picture(random, shared, random() * 0.95));
  for (let planted = 0; planted < 40; planted++) {
    const noise = planted * 0.5;
    images.push(images[planted].map((value) => Math.max(0, Math.min(255, value * 0.9 + 12 + noise * normal(random)))));
  }
  const expected: string[] = [];
  for (let first = 0; first < images.length; first++) {
    for (let second = first + 1; second < images.length; second++) {
      if (correlation(images[first], images[second]) >= NEAR_DUPLICATE_CORRELATION) expected.push(`${first} ${second}`);
    }
  }
  const { pairs: found } = findNearDuplicates(images);
  assert.ok(expected.length > 30 && expected.length < 5000, `${expected.length} pairs make a poor test`);
  assert.deepEqual(
    found.map(({ first, second }) => `${first} ${second}`),
    expected,
  );
  for (const pair of found) assert.ok(Math.abs(pair.correlation - correlation(images[pair.first], images[pair.second])) < 1e-9);
});

test('brightness and contrast do not matter, an image of one grey matches nothing', () => {
  const random = seededRandom(8);
  const image = picture(random, new Float64Array(SIZE_PX * SIZE_PX), 0).map((value) => 60 + value / 4);
  const brighter = image.map((value) => value + 40);
  const flat = new Uint8Array(SIZE_PX * SIZE_PX).fill(90);
  const { pairs, chains } = findNearDuplicates([flat, image, flat, brighter]);
  assert.equal(pairs.length, 1);
  assert.deepEqual([pairs[0].first, pairs[0].second], [1, 3]);
  assert.deepEqual(chains.of(['flat', 'image', 'flat', 'brighter']), [['image', 'brighter']]);
  assert.ok(pairs[0].correlation > 0.999_999 && pairs[0].correlation <= 1);
});

test('no images, no pairs', () => {
  assert.deepEqual(findNearDuplicates([]).pairs, []);
  assert.deepEqual(findNearDuplicates([new Uint8Array(SIZE_PX * SIZE_PX)]).pairs, []);
});

test('thousands of frames of one face are one cluster, and only so many of their pairs are listed', () => {
  const random = seededRandom(9);
  const [face, other] = [0, 1].map(() => picture(random, new Float64Array(SIZE_PX * SIZE_PX), 0));
  const frames = Array.from({ length: 2500 }, () => face.map((value) => Math.max(0, Math.min(255, value + 2 * random()))));
  const { pairs, chains } = findNearDuplicates([other, ...frames]);
  assert.equal(pairs.length, MOST_PAIRS, 'of more than three million');
  assert.deepEqual(chains.of([other, ...frames]), [frames]);
});
