/** The benchmark as a page of its own: figures, tables, how it was done. Opens without a network. */
import { percent } from '../../lib/base/text';
import { escapeHtml, figureHtml, noteHtml, plotlyLibraryHtml, tableHtml } from '../../lib/pages/html';
import { footerHtml, pageHtml } from '../../lib/pages/page';
import { memoryFigure, speedFigure } from './bench-figures';
import type { BenchReport } from './bench-report';
import { caseTitle } from './cases';
import { rowCells, TABLE_COLUMNS } from './results';
import { runtimeTables } from './runtimes';
import { QUIET_CORES } from './undisturbed';

export function benchPageHtml(report: BenchReport): string {
  const { machine, rows, arithmetic, matrixProduct, leftOut } = report;
  const titles = [...new Set(rows.map((row) => caseTitle({ ...row, name: row.case })))];
  const tables = titles.map((title) => {
    const own = rows.filter((row) => caseTitle({ ...row, name: row.case }) === title);
    return `<h3>${escapeHtml(title)}</h3>${tableHtml(TABLE_COLUMNS, own.map(rowCells))}`;
  });
  const runtimes = runtimeTables(rows).map(
    ({ sizePx, columns, cells }) => `<h3>${escapeHtml(`Forward pass, ${sizePx} px`)}</h3>${tableHtml(columns, cells)}`,
  );
  const shares = arithmetic.map((row) => [caseTitle({ ...row, name: row.case }), row.gigaflops.toFixed(0), percent(row.shareOfPeak, 0)]);
  const facts = {
    date: report.date,
    processor: `${machine.cpu}, ${machine.cores} cores`,
    node: machine.node,
    tensorflow: report.engineVersion,
    rounds: report.rounds,
    loadBefore: machine.loadBefore,
    method: report.method,
  };
  const body = `<h1>How fast, beside tfjs-node, Keras and other runtimes</h1>
<p class="lead">${escapeHtml(`${machine.cpu}, ${machine.cores} cores · TensorFlow ${report.engineVersion} wherever it runs · medians of ${report.rounds} rounds`)}</p>
${busyText(report) ? noteHtml(busyText(report) ?? '') : ''}
${leftOut.length > 0 ? noteHtml(`Not measured this time: ${leftOut.join('; ')}.`) : ''}
${figureHtml(speedFigure(rows))}
${figureHtml(memoryFigure(rows))}
${runtimes.length > 0 ? `<h2>A network that learns no more, by runtime</h2>\n<p>${escapeHtml(RUNTIMES_METHOD)}</p>\n${runtimes.join('\n')}` : ''}
<h2>How it was measured</h2>
<p>${escapeHtml(METHOD)}</p>
<h2>Every case</h2>
${tables.join('\n')}
<h2>Against the machine’s own limit</h2>
<p>${escapeHtml(`A product of two matrices of ${matrixProduct.side} × ${matrixProduct.side} numbers reaches ${matrixProduct.peakGigaflops.toFixed(0)} billion operations a second here. This project’s cases, from the layers’ shapes:`)}</p>
${tableHtml(['Case', 'Billion operations a second', 'Share of the peak'], shares)}`;
  return pageHtml('Benchmark', body, footerHtml(facts) + plotlyLibraryHtml());
}

/** A sentence for results that other work on the machine has disturbed; undefined where it left most rounds alone. */
export function busyText({ samples }: BenchReport): string | undefined {
  const rounds = samples.flatMap(({ otherCoresByRound }) => otherCoresByRound);
  const disturbed = rounds.filter((cores) => cores > QUIET_CORES).length;
  if (disturbed <= MOSTLY_QUIET * rounds.length) return undefined;
  return `Other work was under way in ${disturbed} of ${rounds.length} rounds: speeds are lower than the machine’s own, for some more than for others. Measure again when it is idle.`;
}

/** Medians bear so many disturbed rounds. */
const MOSTLY_QUIET = 0.2;

const METHOD =
  'Each subject has a process of its own for each case, with the same number of threads, the same weights, and the same uint8 images in memory, which it scales itself. Before anything is timed, predictions and the losses of two training steps are held against each other. Then the subjects take turns, round by round; each number is the median of its rounds. A round in which other work on the machine takes more than a tenth of a core is run again, up to five times, unless this is a quick look. Keras runs as a graph (tf.function), without the bookkeeping of fit except in the cases of whole epochs. Memory is the most that the process ever held.';

const RUNTIMES_METHOD =
  'This project predicts through onnxruntime-node. The TensorFlow graph, with the weights as constants, and tfjs-node’s layers run in Node too; ONNX Runtime and OpenVINO run in Python on the same network as an ONNX file. OpenVINO and Keras’s graph know the size of the batch beforehand, and OpenVINO is told to answer each batch as soon as it can. In bfloat16 it computes other numbers: how far they are off, relative to the larger of 1 and the number, stands beside its speed.';
