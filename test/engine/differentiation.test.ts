/** The two-layer network of notebook 2: the tape's gradients against numbers worked out by hand, and against finite differences. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Network } from '../../lib/course/network';
import { type Evaluate, type FedTensor, gradientTable, nudged, WatchedTape } from '../../lib/course/watched-tape';
import { FLOAT, type TensorName } from '../../lib/graph/builder';
import { biasAdd, matMul, relu6 } from '../../lib/graph/operations';
import { buildFaceModel } from '../../lib/model/face-model';
import { resolveConfig } from '../../lib/presets';
import { openNativeEngine } from '../native-engine';
import { seededBase } from '../reference/seeded-weights';

const KERNEL1 = [
  [0.5, -1, 2],
  [1, 0.5, 3],
];
const ONE_EXAMPLE = { x: [[1, 2]], target: [[4]], kernel1: KERNEL1, bias1: [0, -0.5, 0], kernel2: [[1], [2], [0.5]], bias2: [0.5] };
/** Two examples, one of which a hidden unit sleeps through. None is so near 0 or 6 that a nudge crosses the kink of ReLU6. */
const TWO_EXAMPLES = {
  x: [
    [1, 2],
    [-0.7, 1.1],
  ],
  target: [[4], [-2]],
  kernel1: [
    [0.5, -1, 0.3],
    [1, 0.5, 0.9],
  ],
  bias1: [0.2, -0.1, 0.1],
  kernel2: [[1.3], [-0.8], [0.5]],
  bias2: [0.5],
};
const WEIGHTS = ['kernel1', 'bias1', 'kernel2', 'bias2'] as const;

before(openNativeEngine);

describe('reverse-mode differentiation on a two-layer network', () => {
  it('gives the gradients that one works out by hand', async () => {
    // Hidden units before ReLU6: 2.5, -0.5, 8; behind it 2.5, 0, 6. Answer 6, difference 2, loss 4; gradient of the answer 4.
    const { tape, fed, hidden, answer, loss, gradients } = twoLayers(ONE_EXAMPLE);
    const evaluate = await open(tape);
    assert.deepEqual(evaluate(fed, [hidden, answer, loss]), [[2.5, 0, 6], [6], [4]]);
    assert.deepEqual(evaluate(fed, gradients), [[4, 0, 0, 8, 0, 0], [4, 0, 0], [10, 0, 24], [4]]);
  });

  it('agrees with finite differences for every weight, summed over two examples', async () => {
    const { tape, fed, loss, gradients } = twoLayers(TWO_EXAMPLES);
    const evaluate = await open(tape);
    const total = (tensors: typeof fed) => evaluate(tensors, [loss])[0].reduce((sum, each) => sum + each, 0);
    const step = 0.01;
    let checked = 0;
    for (const [position, values] of evaluate(fed, gradients).entries()) {
      const name = WEIGHTS[position];
      for (const [index, gradient] of values.entries()) {
        const [up, down] = [step, -step].map((change) => total({ ...fed, [name]: nudged(fed[name], index, change) }));
        const slope = (up - down) / (2 * step);
        assert.ok(Math.abs(gradient - slope) < 2e-3, `${name}[${index}]: ${gradient}, by nudging ${slope}`);
        checked++;
      }
    }
    assert.equal(checked, 13);
  });

  it('notes every operation, every rule applied, and none for what nobody asked for', () => {
    const { tape } = twoLayers(ONE_EXAMPLE);
    assert.deepEqual(
      tape.operations.map(({ output, inputs }) => [kindOf(output), inputs.map(kindOf)]),
      [
        ['MatMul', ['x', 'kernel1']],
        ['BiasAdd', ['MatMul', 'bias1']],
        ['Relu6', ['BiasAdd']],
        ['MatMul', ['Relu6', 'kernel2']],
        ['BiasAdd', ['MatMul', 'bias2']],
        ['Square', ['BiasAdd']],
      ],
    );
    assert.deepEqual(
      tape.walk.map(({ output, input, gradient }) => [kindOf(output), kindOf(input), kindOf(gradient)]),
      [
        ['Square', 'BiasAdd', 'Mul'],
        ['BiasAdd', 'bias2', 'Reshape'],
        ['BiasAdd', 'MatMul', 'Mul'],
        ['MatMul', 'kernel2', 'MatMul'],
        ['MatMul', 'Relu6', 'MatMul'],
        ['Relu6', 'BiasAdd', 'Relu6Grad'],
        ['BiasAdd', 'bias1', 'Reshape'],
        ['BiasAdd', 'MatMul', 'Relu6Grad'],
        ['MatMul', 'kernel1', 'MatMul'],
      ],
    );
    const walk = tape.walkTable();
    assert.equal(walk.match(/<tr>/g)?.length, 1 + tape.walk.length);
    assert.ok(!walk.includes('"></td>'), 'a rule without words');
    assert.equal(tape.recordTable().match(/<tr>/g)?.length, 1 + tape.operations.length);
  });

  it('shows weights and gradients in the shape in which they were written', () => {
    const { fed } = twoLayers(ONE_EXAMPLE);
    const table = gradientTable({ kernel1: fed.kernel1, bias2: fed.bias2 }, [[4, 0, 0, 8, 0, 1 / 3], [4]]);
    assert.match(table, /\[\[0\.5, -1, 2\], \[1, 0\.5, 3\]\].*\[\[4, 0, 0\], \[8, 0, 0\.3333\]\]/);
    assert.match(table, /\[0\.5\].*\[4\]/);
  });

  it('counts more nodes in a training step than in two forward passes', () => {
    const model = buildFaceModel(32, seededBase());
    const run = { config: resolveConfig({ preset: 'classic' }), scale: { meanYears: 33, sdYears: 20 }, fileOf: () => '' };
    const { forward, training } = new Network(run, model).countNodes();
    assert.ok(forward > 200 && training > 2 * forward, `${forward} and ${training} nodes`);
    model.full.dispose();
  });
});

/** The network of the notebook, with its gradients written: one for each of WEIGHTS. */
function twoLayers(numbers: typeof ONE_EXAMPLE) {
  const tape = new WatchedTape();
  const fed = tape.placeholders(numbers);
  const hidden = relu6(tape, biasAdd(tape, matMul(tape, fed.x.value, fed.kernel1), fed.bias1));
  const answer = biasAdd(tape, matMul(tape, hidden, fed.kernel2), fed.bias2);
  const loss = squaredError(tape, answer, fed.target);
  const seeds = new Map([[loss, tape.graph.floats([1], [1, 1], { name: 'one' })]]);
  const wanted = WEIGHTS.map((name) => fed[name].value);
  const found = tape.gradients(seeds, wanted);
  const gradients = wanted.map((weight) => {
    const gradient = found.get(weight);
    assert.ok(gradient, weight);
    return gradient;
  });
  return { tape, fed, hidden, answer, loss, gradients };
}

function squaredError(tape: WatchedTape, answer: TensorName, target: FedTensor): TensorName {
  const { graph } = tape;
  const difference = graph.add('Sub', [answer, target.value], { T: FLOAT });
  const twice = graph.add('AddV2', [difference, difference], { T: FLOAT });
  const square = graph.add('Square', [difference], { T: FLOAT });
  return tape.record(square, [[answer, (g) => graph.add('Mul', [twice, g], { T: FLOAT })]]);
}

async function open(tape: WatchedTape): Promise<Evaluate> {
  const evaluate = await tape.open();
  assert.ok(evaluate);
  return evaluate;
}

/** "MatMul" from "MatMul_6:0", "kernel1" from "kernel1:0". */
function kindOf(tensor: TensorName): string {
  return tensor.replace(/(_\d+)?:0$/, '');
}
