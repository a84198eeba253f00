/** The benchmark as a page of its own: figures, tables, how it was done. Opens without a network. */
import { percent } from '../../lib/base/text';
import { escapeHtml, figureHtml, noteHtml, plotlyLibraryHtml, tableHtml } from '../../lib/pages/html';
import { footerHtml, pageHtml } from '../../lib/pages/page';
import { memoryFigure, speedFigure } from './bench-figures';
import type { BenchReport } from './bench-report';
import { caseTitle } from './cases';
import { rowCells, TABLE_COLUMNS } from './results';

export function benchPageHtml(report: BenchReport): string {
  const { machine, rows, arithmetic, matrixProduct, leftOut } = report;
  const titles = [...new Set(rows.map((row) => caseTitle({ ...row, name: row.case })))];
  const tables = titles.map((title) => {
    const own = rows.filter((row) => caseTitle({ ...row, name: row.case }) === title);
    return `<h3>${escapeHtml(title)}</h3>${tableHtml(TABLE_COLUMNS, own.map(rowCells))}`;
  });
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
  const body = `<h1>How fast, beside tfjs-node and Keras</h1>
<p class="lead">${escapeHtml(`${machine.cpu}, ${machine.cores} cores · TensorFlow ${report.engineVersion} on every side · medians of ${report.rounds} rounds`)}</p>
${busyText(report) ? noteHtml(busyText(report) ?? '') : ''}
${leftOut.length > 0 ? noteHtml(`Not measured this time: ${leftOut.join('; ')}.`) : ''}
${figureHtml(speedFigure(rows))}
${figureHtml(memoryFigure(rows))}
<h2>How it was measured</h2>
<p>${escapeHtml(METHOD)}</p>
<h2>Every case</h2>
${tables.join('\n')}
<h2>Against the machine’s own limit</h2>
<p>${escapeHtml(`A product of two matrices of ${matrixProduct.side} × ${matrixProduct.side} numbers reaches ${matrixProduct.peakGigaflops.toFixed(0)} billion operations a second here. This project’s cases, from the layers’ shapes:`)}</p>
${tableHtml(['Case', 'Billion operations a second', 'Share of the peak'], shares)}`;
  return pageHtml('Benchmark', body, footerHtml(facts) + plotlyLibraryHtml());
}

/** A sentence for results that other work on the machine has disturbed; undefined where it was idle. */
export function busyText({ machine }: BenchReport): string | undefined {
  if (machine.loadBefore < 0.5) return undefined;
  return `Other work was under way when this began (load ${machine.loadBefore.toFixed(1)} on ${machine.cores} cores): speeds are lower than the machine’s own; ratios, measured in turns, suffer less.`;
}

const METHOD =
  'Each subject has a process of its own for each case, with the same number of threads, the same weights, and the same uint8 images in memory, which it scales itself. Before anything is timed, predictions and the losses of two training steps are held against each other. Then the subjects take turns, round by round; each number is the median of its rounds. Keras runs as a graph (tf.function), without the bookkeeping of fit except in the cases of whole epochs. Memory is the most that the process ever held.';
