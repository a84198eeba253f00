/** The training step against Keras's own numbers: once as the compiled graph, once on tfjs's layers. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ADAM } from '../../lib/graph/optimiser';
import { buildFaceModel, type FaceModel } from '../../lib/model/face-model';
import { AGE_BINS } from '../../lib/model/interval';
import { writeWeights } from '../../lib/model/layer-weights';
import { GraphStep, PLAIN_STEP, type StepRecipe, type TrainingState } from '../../lib/training/graph-step';
import type { Batch } from '../../lib/training/labels';
import { trainableLayers } from '../../lib/training/schedule';
import { openNativeEngine } from '../native-engine';
import { EagerStep, type TrainingStep } from '../reference/eager-step';
import { type Losses, readReference } from '../reference/reference';
import { seededBase, seededFeatures, seededHeads, seededImages, seededLabels } from '../reference/seeded-weights';

const LEARNING_RATE = 1e-4;
const STEPS = { 'the compiled graph': GraphStep, "tfjs's layers": EagerStep } as const;

before(openNativeEngine);

for (const [name, Step] of Object.entries(STEPS)) {
  describe(`a training step by ${name}`, () => {
    it('trains the heads as Keras does, five steps long', () => {
      const model = seededModel(32);
      const step = new Step(model.heads, () => true);
      const { losses, weights } = readReference('heads');
      const batch = { inputs: seededFeatures(32), ...labels(32) };
      for (const expected of losses) sameLosses(step, batch, expected);
      for (const [weight, expected] of Object.entries(weights)) close(step.state().weights[weight].values, expected, 1e-5, weight);
      dispose(step, model);
    });

    it('trains the whole network as Keras does: losses, every gradient, updated weights', () => {
      const model = seededModel(64);
      const step = new Step(model.full, () => true);
      const { losses, gradients, weights } = readReference('training');
      const batch = { inputs: seededImages(4, 64), ...labels(4) };
      for (const [index, expected] of losses.entries()) {
        sameLosses(step, batch, expected);
        if (index === 0) sameGradients(step.state(), gradients);
      }
      const final = step.state().weights;
      for (const [weight, expected] of Object.entries(weights))
        close(final[weight].values.slice(0, expected.length), expected, 1e-4, weight);
      dispose(step, model);
    });

    it('leaves frozen layers as they are', () => {
      const model = seededModel(32);
      const step = new Step(model.full, trainableLayers('last 2 blocks'));
      const before = step.state().weights;
      step.step({ inputs: seededImages(4, 32), ...labels(4) }, LEARNING_RATE);
      const after = step.state();
      const moved = Object.keys(before).filter((weight) =>
        before[weight].values.some((value, index) => value !== after.weights[weight].values[index]),
      );
      assert.deepEqual(moved.sort(), Object.keys(after.updates).sort());
      assert.equal(moved.filter((weight) => /^expanded_conv_1[56]_|^Conv_1|^age|^gender/.test(weight)).length, moved.length);
      dispose(step, model);
    });

    it('goes on bit for bit from a restored state', () => {
      const model = seededModel(32);
      const batch = { inputs: seededImages(4, 32), ...labels(4) };
      const whole = new Step(model.full, () => true);
      const start = whole.state();
      whole.step(batch, LEARNING_RATE);
      const middle = whole.state();
      whole.step(batch, LEARNING_RATE);
      const end = whole.state();
      whole.restore(start);
      const resumed = new Step(model.full, () => true);
      resumed.restore(middle);
      resumed.step(batch, LEARNING_RATE);
      sameState(resumed.state(), end);
      whole.dispose();
      dispose(resumed, model);
    });
  });
}

describe('the compiled graph beside the layers', () => {
  it('has the same gradient of every weight, to 1e-4 of its norm', () => {
    const model = seededModel(64);
    sameGradientsOfBoth(model, { inputs: seededImages(4, 64), ...labels(4) }, PLAIN_STEP);
    model.full.dispose();
  });

  it('has the same gradients of a distribution with soft labels, absolute error and smoothed gender', () => {
    const model = buildFaceModel(64, seededBase(), 'distribution');
    const { 'gender/kernel': gender } = seededHeads();
    const bins = { shape: [1280, AGE_BINS], values: seededFeatures(AGE_BINS).map((value) => 0.01 * value) };
    writeWeights(model.full, { 'age_distribution/kernel': bins, 'gender/kernel': gender });
    const batch = { inputs: seededImages(4, 64), ...labels(4), ages: Float32Array.of(1, 26, 33, 90) };
    const ages = { ageSquared: 0.01, ageAbsolute: 0.1, ageDistribution: 1, ageLabelSdYears: 2.5, ageLabelSdGrowth: 0, ageTemperature: 1 };
    const objective = { ...ages, gender: 2, genderSmoothing: 0.1 };
    const learned = sameGradientsOfBoth(model, batch, { ...PLAIN_STEP, objective, emaDecay: 0.9 });
    const shares = Float32Array.of(0.4, 0, 0.1, 0.3);
    sameGradientsOfBoth(model, { ...batch, shares }, { ...PLAIN_STEP, objective });
    sameGradientsOfBoth(model, batch, { ...PLAIN_STEP, objective: { ...objective, ageTemperature: 2 } });
    assert.ok(learned.includes('age_distribution/kernel'));
    assert.ok(!learned.includes('age/kernel'), 'the years of the bins stay what they are');
    model.full.dispose();
  });

  for (const [what, head, weights] of [
    ['gender', 'gender', { gender: 0 }],
    ['age', 'age', { ageSquared: 0, ageAbsolute: 0, ageDistribution: 0 }],
  ] as const) {
    it(`leaves the head of ${what} as it is where its losses have weight 0, and trains all else`, () => {
      const model = seededModel(32);
      const batch = { inputs: seededImages(4, 32), ...labels(4) };
      const recipe = { ...PLAIN_STEP, objective: { ...PLAIN_STEP.objective, ...weights }, averageDecay: 0.5, weightDecay: 0.1 };
      const [graph, layers] = [new GraphStep(model.full, () => true, recipe), new EagerStep(model.full, () => true, recipe)];
      const start = graph.state().weights;
      for (let count = 0; count < 2; count++) {
        const [ours, reference] = [graph.step(batch, LEARNING_RATE), layers.step(batch, LEARNING_RATE)];
        close([ours.ageLoss, ours.genderLoss], [reference.ageLoss, reference.genderLoss], 1e-4, 'losses');
        assert.equal(what === 'age' ? ours.ageLoss : ours.genderLoss, 0);
      }
      const state = graph.state();
      for (const [name, { values }] of Object.entries(layers.state().weights)) {
        close(state.weights[name].values, values, 1e-4, name);
        const still = Buffer.from(start[name].values.buffer).equals(Buffer.from(state.weights[name].values.buffer));
        assert.equal(still, name.startsWith(`${head}/`), name);
      }
      assert.ok(!Object.keys(state.updates).some((name) => name.startsWith(`${head}/`)));
      graph.restore(state);
      sameState(graph.state(), state);
      graph.dispose();
      dispose(layers, model);
    });
  }

  it('computes the same from a batch in parts, whatever its size', () => {
    const model = seededModel(64);
    for (const count of [1, 2, 5]) {
      const batch = { inputs: seededImages(count, 64), ...labels(count) };
      const [whole, cut] = [1, 3].map((parts) => {
        const step = new GraphStep(model.full, () => true, PLAIN_STEP, parts);
        const result = step.step(batch, LEARNING_RATE);
        const { firstMoments } = step.state();
        step.dispose();
        return { result, firstMoments };
      });
      close(cut.result.ages, whole.result.ages, 1e-5, `ages of ${count}`);
      close([cut.result.ageLoss, cut.result.genderLoss], [whole.result.ageLoss, whole.result.genderLoss], 1e-5, `losses of ${count}`);
      for (const [name, { values }] of Object.entries(whole.firstMoments)) {
        const difference = norm(values.map((value, index) => value - cut.firstMoments[name].values[index]));
        assert.ok(difference <= 1e-4 * norm(values), `${name}, ${count} images: off by ${difference / norm(values)} of its norm`);
      }
    }
    model.full.dispose();
  });

  it('keeps the same running average of the weights', () => {
    const model = seededModel(32);
    const batch = { inputs: seededFeatures(8), ...labels(8) };
    const recipe = { ...PLAIN_STEP, emaDecay: 0.5 };
    const [graph, layers] = [new GraphStep(model.heads, () => true, recipe), new EagerStep(model.heads, () => true, recipe)];
    const seen = [weightOf(graph)];
    for (let count = 0; count < 3; count++) {
      graph.step(batch, LEARNING_RATE);
      layers.step(batch, LEARNING_RATE);
      seen.push(weightOf(graph));
    }
    // Shares of 1 - 2/11, 1 - 3/12 and 1 - 4/13 by hand.
    const byHand = [2 / 11, 3 / 12, 4 / 13].reduce((average, decay, step) => decay * average + (1 - decay) * seen[step + 1], seen[0]);
    close([graph.state().ema['age/kernel'].values[7]], [byHand], 1e-6, 'average');
    for (const [name, { values }] of Object.entries(layers.state().ema)) {
      close(graph.state().ema[name].values, values, 1e-5, `average of ${name}`);
    }
    graph.dispose();
    dispose(layers, model);
  });

  it('takes weight decay from kernels after the update, as AdamW does, and nothing from biases', () => {
    const model = seededModel(32);
    const batch = { inputs: seededFeatures(8), ...labels(8) };
    const weightDecay = 0.5;
    const rate = 1e-2;
    const after = [0, weightDecay].map((decay) => {
      const recipe = { ...PLAIN_STEP, emaDecay: 0.5, weightDecay: decay };
      const [graph, layers] = [new GraphStep(model.heads, () => true, recipe), new EagerStep(model.heads, () => true, recipe)];
      const start = graph.state();
      graph.step(batch, rate);
      layers.step(batch, rate);
      const [ours, reference] = [graph.state(), layers.state()];
      for (const kind of ['weights', 'ema'] as const) {
        for (const [name, { values }] of Object.entries(reference[kind]))
          close(ours[kind][name].values, values, 1e-5, `${kind} of ${name}`);
      }
      layers.restore(start);
      graph.dispose();
      layers.dispose();
      return ours.weights;
    });
    for (const [name, { values }] of Object.entries(after[0])) {
      const kept = name.endsWith('/kernel') ? 1 - rate * weightDecay : 1;
      close(
        after[1][name].values,
        values.map((value) => kept * value),
        1e-6,
        name,
      );
    }
    model.full.dispose();
  });

  it('trains twice to the same bits', () => {
    const model = seededModel(64);
    const batch = { inputs: seededImages(16, 64), ...labels(16) };
    const end = () => {
      const step = new GraphStep(model.full, () => true);
      for (let count = 0; count < 4; count++) step.step(batch, 1e-3);
      const state = step.state();
      step.dispose();
      return state;
    };
    sameState(end(), end());
    model.full.dispose();
  });

  it('refuses a layer that it does not know, by name', async () => {
    const tf = await import('@tensorflow/tfjs');
    const input = tf.input({ shape: [4] });
    const model = tf.model({ inputs: input, outputs: tf.layers.dropout({ rate: 0.5, name: 'forgetful' }).apply(input) as never });
    assert.throws(() => new GraphStep(model, () => true), /"forgetful" is a Dropout/);
  });
});

/** Compares the gradients of both steps and returns the names of the weights that have one. */
function sameGradientsOfBoth(model: FaceModel, batch: Batch, recipe: StepRecipe): string[] {
  const [graph, layers] = [new GraphStep(model.full, () => true, recipe), new EagerStep(model.full, () => true, recipe)];
  const results = [graph.step(batch, LEARNING_RATE), layers.step(batch, LEARNING_RATE)];
  close([results[0].ageLoss, results[0].genderLoss], [results[1].ageLoss, results[1].genderLoss], 1e-4, 'losses');
  const [ours, reference] = [graph.state().firstMoments, layers.state().firstMoments];
  for (const [weight, { values }] of Object.entries(reference)) {
    const difference = norm(values.map((value, index) => value - ours[weight].values[index]));
    assert.ok(norm(values) > 0, `${weight} has no gradient`);
    assert.ok(difference <= 1e-4 * norm(values), `${weight}: off by ${difference / norm(values)} of its norm`);
  }
  graph.dispose();
  layers.dispose();
  return Object.keys(ours);
}

function weightOf(step: TrainingStep): number {
  return step.state().weights['age/kernel'].values[7];
}

function seededModel(sizePx: number): FaceModel {
  const model = buildFaceModel(sizePx, seededBase());
  writeWeights(model.full, seededHeads());
  return model;
}

function labels(count: number): Pick<Batch, 'ages' | 'genders'> {
  return seededLabels(count);
}

function sameLosses(step: TrainingStep, batch: Batch, expected: Losses): void {
  const { ageLoss, genderLoss } = step.step(batch, LEARNING_RATE);
  close([ageLoss, genderLoss, ageLoss + genderLoss], [expected.age, expected.gender, expected.total], 1e-4, 'losses');
}

/** After the first step the first moment is (1 - beta1) times the gradient. */
function sameGradients({ firstMoments }: TrainingState, expected: ReturnType<typeof readReference<'training'>>['gradients']): void {
  for (const [weight, { norm: length, first }] of Object.entries(expected)) {
    const gradient = firstMoments[weight].values.map((value) => value / (1 - ADAM.beta1));
    assert.ok(
      Math.abs(norm(gradient) - length) <= 1e-4 * length + 1e-9,
      `gradient of ${weight}: norm ${norm(gradient)}, by Keras ${length}`,
    );
    for (const [index, value] of first.entries()) {
      assert.ok(
        Math.abs(gradient[index] - value) <= 1e-4 * length,
        `gradient of ${weight}[${index}]: ${gradient[index]}, by Keras ${value}`,
      );
    }
  }
}

function sameState(actual: TrainingState, expected: TrainingState): void {
  assert.deepEqual(actual.updates, expected.updates);
  for (const kind of ['weights', 'firstMoments', 'secondMoments'] as const) {
    for (const [name, { values }] of Object.entries(expected[kind])) {
      assert.ok(Buffer.from(values.buffer).equals(Buffer.from(actual[kind][name].values.buffer)), `${kind} of ${name} differ`);
    }
  }
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (let index = 0; index < expected.length; index++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[index]));
    assert.ok(Math.abs(actual[index] - expected[index]) <= allowed, `${what}[${index}]: ${actual[index]}, by Keras ${expected[index]}`);
  }
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function dispose(step: TrainingStep, model: FaceModel): void {
  step.dispose();
  model.full.dispose();
}
