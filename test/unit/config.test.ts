import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { formatProgress, formatSeconds, timedProgress } from '../../lib/base/progress';
import { seededRandom, shuffled, streamFor } from '../../lib/base/random';
import { sameConfig } from '../../lib/config/config';
import { resolveConfig } from '../../lib/config/settings';
import { trainableLayers } from '../../lib/training/trainable';

test('the classic preset is the recipe as described', () => {
  const config = resolveConfig({ preset: 'classic' });
  assert.equal(config.validationShare, 0.2);
  assert.equal(config.batchSize, 32);
  assert.equal(config.imageSizePx, 128);
  assert.deepEqual(config.sessions, [
    { trainable: 'heads', epochs: 5, learningRate: 1e-4 },
    { trainable: 'all', epochs: 5, learningRate: 1e-4 },
  ]);
});

test('settings lie over the preset, and two equal ones are the same', () => {
  const config = resolveConfig({ preset: 'demo', seed: 7, epochs: 2 });
  assert.deepEqual([config.seed, config.sessions[0].epochs, config.sessions[1].epochs], [7, 2, 2]);
  assert.ok(sameConfig(config, resolveConfig({ epochs: 2, seed: 7 })));
  assert.ok(!sameConfig(config, resolveConfig({ epochs: 2, seed: 8 })));
});

test('what is trainable is said in words, and wrong words are refused', () => {
  const names = [
    'Conv',
    'expanded_conv_depthwise',
    'expanded_conv_1_expand',
    'expanded_conv_15_project',
    'expanded_conv_16_expand',
    'Conv_1',
    'age',
    'gender',
  ];
  const chosen = (what: Parameters<typeof trainableLayers>[0]) => names.filter(trainableLayers(what));
  assert.deepEqual(chosen('all'), names);
  assert.deepEqual(chosen('heads'), ['age', 'gender']);
  assert.deepEqual(chosen('last 1 blocks'), ['expanded_conv_16_expand', 'Conv_1', 'age', 'gender']);
  assert.deepEqual(chosen('last 17 blocks'), names.slice(1));
  assert.throws(() => trainableLayers('last 18 blocks'), InputError);
});

test('a stream of random numbers depends on seed and purpose alone', () => {
  const draw = (seed: number, purpose: string) => shuffled([1, 2, 3, 4, 5, 6, 7, 8], streamFor(seed, purpose)).join();
  assert.equal(draw(1, 'split'), draw(1, 'split'));
  assert.notEqual(draw(1, 'split'), draw(2, 'split'));
  assert.notEqual(draw(1, 'split'), draw(1, 'order'));
  const random = seededRandom(3);
  const values = Array.from({ length: 10_000 }, random);
  assert.ok(values.every((value) => value >= 0 && value < 1));
  assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 0.5) < 0.01);
});

test('progress says what, how far, how fast and how long still', () => {
  const update = { label: 'Decoding faces', done: 1200, total: 21_600, unit: 'images', detail: 'all well' };
  assert.equal(formatProgress(update, 3), 'Decoding faces: 1,200 of 21,600 images (5 %), 400 images/s, 51 s left, all well');
  assert.deepEqual([45, 200, 3900].map(formatSeconds), ['45 s', '3 min 20 s', '1 h 05 min']);
});

test('speed and time left are those of what this process has done, not of what was done before', (context) => {
  context.mock.method(performance, 'now', () => nowMs);
  let nowMs = 0;
  const lines: string[] = [];
  const listen = timedProgress((line) => lines.push(line), 0);
  const epoch = (done: number) => listen({ label: 'Epoch 3', done, total: 16_000, unit: 'images' });
  epoch(9600);
  nowMs = 10_000;
  epoch(10_600);
  nowMs = 20_000;
  epoch(0); // the same label once more, from the start
  nowMs = 30_000;
  epoch(500);
  assert.deepEqual(lines, [
    'Epoch 3: 9,600 of 16,000 images (60 %)',
    'Epoch 3: 10,600 of 16,000 images (66 %), 100 images/s, 54 s left',
    'Epoch 3: 0 of 16,000 images (0 %)',
    'Epoch 3: 500 of 16,000 images (3 %), 50 images/s, 5 min 10 s left',
  ]);
});
