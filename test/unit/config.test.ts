import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { formatProgress, formatSeconds, timedProgress } from '../../lib/base/progress';
import { seededRandom, shuffled, streamFor } from '../../lib/base/random';
import { NO_AUGMENTATION, overlayConfig, type Settings, sameConfig } from '../../lib/config';
import { resolveConfig } from '../../lib/presets';
import { readSettings, SETTING_OPTIONS } from '../../lib/tools/cli/settings';
import { trainableLayers } from '../../lib/training/schedule';

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

/** Settings as they come from a file, or from somebody's cell: of any type. */
const resolve = (settings: unknown) => resolveConfig(settings as Settings);

test('a value of a wrong type or out of its range is refused in one line: the setting, what it is, what was expected', () => {
  const refused: readonly (readonly [settings: unknown, message: string])[] = [
    [{ seed: null }, 'seed null: expected a whole number of at least 0.'],
    [{ seed: '2' }, 'seed "2": expected a whole number of at least 0.'],
    [{ seed: Number.NaN }, 'seed null: expected a whole number of at least 0.'],
    [{ batchSize: 1.5 }, 'batchSize 1.5: expected a whole number of at least 1.'],
    [{ learningRate: [0.5] }, 'learningRate [0.5]: expected a number from 1e-8 to 1.'],
    [{ weightDecay: '0.5' }, 'weightDecay "0.5": expected a number from 0 to 1.'],
    [{ emaDecay: true }, 'emaDecay true: expected a number from 0 to 0.99999.'],
    [{ imageSize: 100 }, 'imageSize 100: expected a multiple of 16 from 32 to 512, such as 96, 128 or 224.'],
    [{ data: 5 }, 'data 5: expected a path, "download" or "drawn".'],
    [{ weights: {} }, 'weights {}: expected a path, or "download" or "bundled".'],
    [{ preset: 'fast' }, 'preset "fast": expected one of demo, classic, best.'],
    [{ trainable: 'last 18 blocks' }, 'trainable "last 18 blocks": expected "heads", "all" or "last N blocks" with N from 1 to 17.'],
    [{ judgedBy: 'me' }, 'judgedBy "me": expected one of validation, selection, fold 1, fold 2, fold 3, fold 4, fold 5.'],
    [{ objective: { gender: null } }, 'objective.gender null: expected a number from 0 to 1000.'],
    [{ objective: null }, 'objective null: expected settings by their names, in braces.'],
    [{ schedule: ['cosine'] }, 'schedule ["cosine"]: expected settings by their names, in braces.'],
    [{ augmentation: { flip: 'no' } }, 'augmentation.flip "no": expected true or false.'],
    [{ augmentation: { cropPx: 112, spin: 1 } }, 'the setting "augmentation.spin": expected one of cropPx, zoom, '],
    [{ learnRate: 1 }, 'the setting "learnRate": expected one of preset, data, '],
    [{ toString: 1 }, 'the setting "toString": expected one of preset, data, '],
    [{ augmentation: { cropPx: 224 } }, 'augmentation.cropPx 224: expected at most imageSize, 96.'],
    [{ augmentation: { mixup: 0.2 } }, 'augmentation.mixup makes labels of both: expected an objective.genderSmoothing above 0 with it.'],
    [{ teachers: 'answers.csv' }, 'the setting "teachers": expected one of preset, data, '],
    [{ objective: { teaching: 0.6 } }, 'the setting "objective.teaching": expected one of ageSquared, '],
    [{ objective: { gender: 0, ageSquared: 0 } }, 'objective: every weight is 0, expected one above 0.'],
    [{ ageHead: 'distribution' }, 'ageHead "distribution" answers in years: expected ageScale "years" with it.'],
  ];
  for (const [settings, message] of refused) {
    assert.throws(
      () => resolve(settings),
      (error: unknown) => {
        assert.ok(error instanceof InputError, String(error));
        assert.equal(error.message.slice(0, message.length), message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  }
});

test('what is not given, or given as nothing where that means something, is as the preset has it', () => {
  const classic = resolveConfig({ preset: 'classic' });
  assert.deepEqual(resolve({ preset: 'classic', seed: undefined, data: null, weights: null, limit: null, augmentation: null }), classic);
  assert.equal(resolveConfig({ preset: 'best', augmentation: null }).augmentation, null);
  const flipped = resolveConfig({ preset: 'classic', imageSize: 96, augmentation: { flip: true } });
  assert.deepEqual(flipped.augmentation, { ...NO_AUGMENTATION, cropPx: 96, flip: true });
  const { sessions, validationShare } = resolveConfig({ trainable: 'last 3 blocks', validationShare: 0.3 });
  assert.deepEqual([sessions[0].trainable, sessions[1].trainable, validationShare], ['heads', 'last 3 blocks', 0.3]);
  assert.equal(resolveConfig({ objective: { gender: 0 } }).objective.gender, 0, 'a head may be left out');
});

test('the crop of the preset best keeps its share of an image of another size', () => {
  const crops = [32, 48, 96, 128, 160, 192, 224].map((imageSize) => resolveConfig({ preset: 'best', imageSize }).augmentation?.cropPx);
  assert.deepEqual(crops, [32, 32, 80, 112, 144, 176, 192]);
  const config = resolveConfig({ preset: 'best', imageSize: 128 });
  assert.ok(sameConfig(overlayConfig(config, { imageSize: 128 }), config));
});

test('every setting with a name of its own is an option, and arrives as what it is', async () => {
  const typed: Record<string, string> = { seed: '7', 'image-size': '128', 'learning-rate': '1e-4', trainable: 'last 3 blocks', data: '7' };
  const args = { text: (option: string) => typed[option], path: () => undefined, flag: () => false, positionals: [] };
  for (const option of Object.keys(typed)) assert.ok(option in SETTING_OPTIONS, option);
  const { data, ...settings } = await readSettings(args);
  assert.equal(data, path.resolve('7'), 'a folder may have a number for its name');
  assert.deepEqual(resolveConfig(settings), resolveConfig({ seed: 7, imageSize: 128, learningRate: 1e-4, trainable: 'last 3 blocks' }));
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
