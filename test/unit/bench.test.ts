/** The benchmark's own arithmetic: medians, ratios, operations, agreement, the table of runtimes, and the page that shows them. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { buildFaceModel } from '../../lib/model/face-model';
import { describeLayers, type LayerDescription } from '../../lib/model/layer-weights';
import { offBy, requireAgreement, TOLERANCE, TOLERANCE_IN_BFLOAT16 } from '../bench/agree';
import { forwardOperations, stepOperations } from '../bench/arithmetic';
import { benchPageHtml, busyText } from '../bench/bench-page';
import { reportOf } from '../bench/bench-report';
import { ALL_CASES, type BenchCase, casesNamed, caseTitle, QUICK_CASES, RUNTIMES, type SubjectName } from '../bench/cases';
import type { Measurement } from '../bench/measure';
import { median, rowsOf, speedOver, tableText } from '../bench/results';
import { runtimesText, runtimeTables } from '../bench/runtimes';
import { leastDisturbed, secondsOfOthers } from '../bench/undisturbed';

const TRAIN = ALL_CASES[0];
const ON_TENSORFLOW = { runtime: 'TensorFlow 2.20.0', offBy: 1e-7, otherCores: [0, 0.02, 0.9] };
const MEASUREMENTS: readonly Measurement[] = [
  { subject: 'ours', imagesPerSecond: [90, 120, 100], peakMemoryBytes: 1e9, ...ON_TENSORFLOW, operationsPerImage: 5e8 },
  { subject: 'stock', imagesPerSecond: [20, 20, 25], peakMemoryBytes: 3e9, ...ON_TENSORFLOW },
  { subject: 'keras', imagesPerSecond: [40, 39, 90], peakMemoryBytes: 2e9, ...ON_TENSORFLOW },
  { subject: 'keras-folded', imagesPerSecond: [80, 81, 79], peakMemoryBytes: 1.5e9, ...ON_TENSORFLOW },
];
const FACTS = { quick: true, rounds: 3, matrixSide: 2048, xla: [], measured: [{ case: TRAIN, measurements: MEASUREMENTS }] };

describe('results', () => {
  it('are medians, so that one disturbed round moves nothing', () => {
    assert.equal(median([90, 120, 100]), 100);
    assert.equal(median([1, 2, 3, 10]), 2.5);
  });

  it('have a row for each subject, with its speed over both of Keras’s', () => {
    const rows = rowsOf(TRAIN, MEASUREMENTS);
    assert.deepEqual(rows[0], {
      case: 'train-all',
      sizePx: 128,
      batch: 32,
      subject: 'ours',
      imagesPerSecond: 100,
      ratioToKeras: 2.5,
      ratioToKerasFolded: 1.25,
      peakMemoryBytes: 1e9,
      runtime: 'TensorFlow 2.20.0',
      offBy: 1e-7,
    });
    assert.equal(rows[2].ratioToKeras, 1);
    assert.equal(speedOver(rows, 'stock', rows[0]), 5);
    assert.match(tableText(rows), /5\.0 x tfjs-node's own layers[\s\S]*this project +100 +2\.50 x +1\.25 x +1\.00 GB/);
  });

  it('say what share of the machine’s best matrix product the arithmetic reaches, and what was left out', () => {
    const report = reportOf({ ...FACTS, loadBefore: 0, gigaflopsByRound: [90, 100, 95] });
    assert.deepEqual(report.arithmetic, [{ case: 'train-all', sizePx: 128, batch: 32, gigaflops: 50, shareOfPeak: 0.5 }]);
    assert.equal(report.leftOut.length, ALL_CASES.length - 1);
    assert.deepEqual(report.samples[0].imagesPerSecondByRound, [90, 120, 100]);
  });

  it('become a page that asks nobody for anything', () => {
    const html = benchPageHtml(reportOf({ ...FACTS, loadBefore: 1.5, gigaflopsByRound: [100] }));
    assert.ok(!/(?:src|href)="(?!data:)/.test(html.replace(/<script data-plotly-library>[\s\S]*?<\/script>/, '')));
    assert.ok(html.includes('Training step, whole network, 128 px, batch 32: 2.5 times Keras MobileNetV2'));
    assert.ok(html.includes('Other work was under way in 4 of 12 rounds'));
    const measurements = MEASUREMENTS.map((measurement) => ({ ...measurement, otherCores: [0.01, 0.1, 0] }));
    assert.equal(
      busyText(reportOf({ ...FACTS, measured: [{ case: TRAIN, measurements }], loadBefore: 0, gigaflopsByRound: [100] })),
      undefined,
    );
  });
});

describe('a round', () => {
  /** Rounds of two seconds, in which others work so many seconds. */
  const timed = async (others: readonly number[], tries: number) => {
    let [round, worked] = [0, 1000];
    const run = async () => {
      worked += others[round++];
      return 2 + round / 100;
    };
    return leastDisturbed(run, tries, () => worked);
  };

  it('that other work disturbs is run again, until one is not', async () => {
    const { seconds, otherCores } = await timed([1, 0.1, 0], 5);
    assert.equal(seconds, 2.02);
    assert.ok(Math.abs(otherCores - 0.1 / 2.02) < 1e-9);
  });

  it('is the least disturbed one where all are, and the first where only one is wanted', async () => {
    assert.equal((await timed([3, 1, 2], 3)).seconds, 2.02);
    assert.equal((await timed([3, 0], 1)).seconds, 2.01);
  });

  it('knows its own process’s work from that of others', () => {
    const [startedMs, before, everybody] = [performance.now(), secondsOfOthers(process.pid), secondsOfOthers(1)];
    while (performance.now() - startedMs < 500);
    const [own, all] = [secondsOfOthers(process.pid) - before, secondsOfOthers(1) - everybody];
    assert.ok(all - own > 0.2, `${all} s of work in all, ${own} s of it by others`);
  });
});

describe('the runtimes', () => {
  const cases = ALL_CASES.filter(({ name }) => name === 'forward');
  /** Of each case, speeds of all runtimes: this project's is 10 times the batch, and each next one's is 10 less. */
  const measured = cases.map((item) => ({
    case: item,
    measurements: RUNTIMES.map((subject, index): Measurement => {
      const isOnnx = subject === 'ours' || subject === 'onnxruntime';
      const runtime = isOnnx ? 'ONNX Runtime 1.30.0' : subject.startsWith('openvino') ? 'OpenVINO 2026.4.1, f32' : 'TensorFlow 2.20.0';
      const offBy = subject === 'openvino-bf16' ? 0.00123 * item.batch : TOLERANCE / 2;
      return { subject, imagesPerSecond: [100 * item.batch - 10 * index], peakMemoryBytes: 1e9, runtime, offBy, otherCores: [0] };
    }),
  }));
  const report = reportOf({ ...FACTS, measured, loadBefore: 0, gigaflopsByRound: [100] });

  it('have a table for each size, with a row each: batch 32, batch 1, their ratios to this project, and whether the numbers are the same', () => {
    const tables = runtimeTables(report.rows);
    assert.deepEqual(
      tables.map(({ sizePx, cells }) => [sizePx, cells.length]),
      [
        [128, RUNTIMES.length],
        [224, RUNTIMES.length],
      ],
    );
    const columns = ['', 'runtime', 'batch 32, images/s', 'to this project', 'batch 1, images/s', 'to this project', 'numbers'];
    assert.deepEqual(tables[0].columns, columns);
    assert.deepEqual(tables[0].cells[0], ['this project', 'ONNX Runtime 1.30.0', '3200', '1.00 x', '100', '1.00 x', 'the same']);
    assert.deepEqual(tables[0].cells[1], ['TensorFlow graph', 'TensorFlow 2.20.0', '3190', '1.00 x', '90.0', '0.90 x', 'the same']);
    assert.equal(tables[0].cells[5].at(-1), 'other numbers: off by up to 0.039');
    assert.equal(runtimesText(report.rows).split('\n')[3], `| ${tables[0].cells[0].join(' | ')} |`);
  });

  it('tell TensorFlow’s version where this project does not run on it, and have their place on the page', () => {
    assert.equal(report.engineVersion, '2.20.0');
    const html = benchPageHtml(report);
    assert.ok(html.includes('A network that learns no more, by runtime') && html.includes('other numbers: off by up to 0.039'));
    assert.ok(!benchPageHtml(reportOf({ ...FACTS, loadBefore: 0, gigaflopsByRound: [100] })).includes('by runtime'));
    assert.deepEqual(runtimeTables(rowsOf(TRAIN, MEASUREMENTS)), []);
  });

  it('leave a cell empty where one was not measured', () => {
    const rows = report.rows.filter((row) => row.sizePx === 128 && !(row.subject === 'graph' && row.batch === 1));
    assert.deepEqual(runtimeTables(rows)[0].cells[1].slice(2), ['3190', '1.00 x', '', '', 'the same']);
  });
});

describe('the cases', () => {
  it('are chosen by name, whatever their size', () => {
    assert.deepEqual(
      casesNamed(['train-all']).map(({ sizePx }) => sizePx),
      [128, 224],
    );
    assert.equal(casesNamed([]), ALL_CASES);
    assert.throws(() => casesNamed(['train']), /--cases train: no such case\. Expected some of train-all, forward/);
  });

  it('have titles unlike each other, and cover both sizes', () => {
    assert.equal(new Set(ALL_CASES.map(caseTitle)).size, ALL_CASES.length);
    for (const name of ['forward', 'train-heads', 'train-last-3-blocks', 'train-all']) {
      assert.deepEqual([...new Set(ALL_CASES.filter((item) => item.name === name).map(({ sizePx }) => sizePx))].sort(), [128, 224]);
    }
  });

  it('begin with those of a quick look, 128 px first', () => {
    assert.equal(ALL_CASES[0].sizePx, 128);
    assert.ok(ALL_CASES.slice(0, QUICK_CASES).some(({ name, batch }) => name === 'forward' && batch === 1));
  });
});

describe('the operations of a step', () => {
  let layers: LayerDescription[] = [];
  const of = (...names: readonly string[]) => forwardOperations(layers.filter(({ layer }) => names.includes(layer)));

  before(async () => {
    await tf.setBackend('cpu');
    const { full } = buildFaceModel(224, {});
    layers = describeLayers(full);
    full.dispose();
  });

  it('are those of the paper: 300 million multiply-adds forward, less the classifier of ImageNet', () => {
    assert.equal(of('Conv'), 2 * 112 * 112 * 3 * 3 * 3 * 32);
    const paper = 2 * (300e6 - 1280 * 1000);
    assert.ok(Math.abs(forwardOperations(layers) / paper - 1) < 0.01, `${forwardOperations(layers)}`);
  });

  it('are three forward passes less the first layer’s input gradient where all is trained', () => {
    assert.equal(
      stepOperations(layers, () => true),
      3 * forwardOperations(layers) - of('Conv'),
    );
  });

  it('are the forward pass and the last layers’ own gradients where only those are trained', () => {
    const forward = forwardOperations(layers);
    assert.equal(
      stepOperations(layers, (name) => name === 'gender'),
      forward + of('gender'),
    );
    assert.equal(
      stepOperations(layers, (name) => /^(Conv_1|age|gender)$/.test(name)),
      forward + of('Conv_1', 'age', 'gender') + of('age', 'gender'),
    );
  });
});

describe('agreement', () => {
  const measured: BenchCase = TRAIN;
  const proof = { outputs: [0.5, 2], losses: [[1, 0.7] as const, [0.9, 0.6] as const] };

  it('allows rounding, and losses that are missing where BatchNorm learns', () => {
    const rounded = { outputs: [0.5 + TOLERANCE / 2, 2], losses: proof.losses };
    requireAgreement(measured, [
      { subject: 'ours', proof },
      { subject: 'stock', proof: rounded },
      { subject: 'keras', proof: { ...proof, losses: [] } },
    ]);
  });

  it('allows bfloat16 alone more, up to a limit of its own, and says how far it is off', () => {
    const off = (by: number) => ({ outputs: [0.5 + by, 2], losses: [] });
    const hold = (subject: SubjectName, by: number) =>
      requireAgreement(measured, [
        { subject: 'ours', proof: off(0) },
        { subject, proof: off(by) },
      ]);
    hold('openvino-bf16', 0.9 * TOLERANCE_IN_BFLOAT16);
    assert.throws(() => hold('openvino-bf16', 1.1 * TOLERANCE_IN_BFLOAT16), /OpenVINO, bfloat16 .*within 0\.02/);
    for (const subject of RUNTIMES) {
      if (subject !== 'openvino-bf16') assert.throws(() => hold(subject, 1.1 * TOLERANCE), /prediction 0 .*within 0\.0005/);
    }
    assert.equal(offBy({ outputs: [0.5, 44], losses: [] }, { outputs: [0.25, 40], losses: [] }), 0.25);
  });

  it('names the subject, the number and what was expected where it fails', () => {
    for (const [wrong, words] of [
      [{ ...proof, outputs: [0.5, 2.1] }, /Keras, BN folded .*prediction 1 is 2\.1, expected 2 within/],
      [
        {
          ...proof,
          losses: [
            [1, 0.71],
            [0.9, 0.6],
          ],
        },
        /gender loss of step 1 is 0\.71, expected 0\.7/,
      ],
      [{ ...proof, losses: [] }, /no losses/],
      [{ ...proof, outputs: [0.5, Number.NaN] }, /not finite/],
    ] as const) {
      assert.throws(
        () =>
          requireAgreement(measured, [
            { subject: 'ours', proof },
            { subject: 'keras-folded', proof: wrong },
          ]),
        words,
      );
    }
  });
});
