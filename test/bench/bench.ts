/** The whole benchmark: inputs, the machine's own limit, XLA's chance, and every case, one after another. */
import { loadavg } from 'node:os';
import { InputError } from '../../lib/base/errors';
import type { ProgressListener } from '../../lib/base/progress';
import { type BenchReport, fieldsOf, type MeasuredCase, reportOf, type XlaRow } from './bench-report';
import {
  ALL_CASES,
  type BenchCase,
  casesNamed,
  caseTitle,
  EPOCH_IMAGES,
  isFrozen,
  QUICK_CASES,
  relativeCost,
  SUBJECT_TITLES,
  type SubjectName,
  XLA_CASES,
} from './cases';
import { writeInputFiles } from './input-files';
import { type Measurement, measureCase, measureMatrixProduct, tryXla } from './measure';
import { MATRIX_SIDE, taskOf } from './protocol';
import { type BenchRow, median, rowsOf } from './results';

export interface BenchOptions {
  /** A look at few cases, which ends within three minutes. */
  readonly quick: boolean;
  /** The names of the cases to measure; none stands for all. A quick look has its own. */
  readonly names: readonly string[];
  readonly rounds: number;
  readonly onProgress: ProgressListener;
  /** Called with the rows of each case as it is finished. */
  readonly onCase: (rows: readonly BenchRow[]) => void;
}

/** After so many seconds a quick look begins no case that would not be finished within three minutes. */
const QUICK_LIMIT_SECONDS = 170;
const XLA_LIMIT_SECONDS = 90;

/** @throws InputError where a subject fails, or computes other numbers than the others, or runs on another TensorFlow */
export async function runBench({ quick, names, rounds, onProgress, onCase }: BenchOptions): Promise<BenchReport> {
  const startedMs = performance.now();
  const secondsGone = () => (performance.now() - startedMs) / 1000;
  const loadBefore = loadavg()[0];
  const cases = quick ? ALL_CASES.slice(0, QUICK_CASES) : casesNamed(names);
  const total = cases.reduce((sum, { subjects }) => sum + rounds * subjects.length, 0);
  let done = 0;
  const progress = (detail: string) => onProgress({ label: 'Benchmark', done, total, unit: 'rounds', detail });

  progress('writing the inputs');
  const files = await writeInputFiles(imagesBySize(cases), EPOCH_IMAGES);
  const measured: MeasuredCase[] = [];
  const xla: XlaRow[] = [];
  const measure = (item: BenchCase): Promise<Measurement[]> => {
    const jit = new Set(xla.filter((row) => row.used && (row.case === 'forward') === (item.name === 'forward')).map((row) => row.subject));
    progress(`${caseTitle(item)}: building the networks`);
    return measureCase(item, {
      folder: files.folder,
      rounds,
      roundSeconds: quick ? 0.7 : 2.5,
      tries: quick ? 1 : 5,
      jit,
      onRound: (subject, round) => {
        progress(`${caseTitle(item)}: ${SUBJECT_TITLES[subject]}, round ${round + 1} of ${rounds}`);
        done++;
      },
    });
  };
  try {
    progress('matrix products');
    const gigaflopsByRound = await measureMatrixProduct(files.folder, rounds);
    let firstCaseSeconds = 0;
    for (const item of cases) {
      if (quick && secondsGone() + firstCaseSeconds * relativeCost(item) > QUICK_LIMIT_SECONDS) continue;
      const beganSeconds = secondsGone();
      let measurements = await measure(item);
      firstCaseSeconds ||= secondsGone() - beganSeconds;
      requireOneTensorFlow(measurements);
      if (!quick && XLA_CASES.includes(item)) {
        for (const subject of ['keras', 'keras-folded'] as const) {
          progress(`${caseTitle(item)}: ${SUBJECT_TITLES[subject]}, compiled by XLA, at most ${XLA_LIMIT_SECONDS} s`);
          xla.push(await xlaRow(item, subject, files.folder, measurements));
        }
        if (xla.some((row) => row.used && row.case === item.name)) {
          done -= rounds * item.subjects.length;
          measurements = await measure(item);
        }
      }
      measured.push({ case: item, measurements });
      onCase(rowsOf(item, measurements));
    }
    progress('matrix products once more');
    gigaflopsByRound.push(...(await measureMatrixProduct(files.folder, rounds)));
    done = total;
    progress(`${measured.length} cases in ${Math.round(secondsGone())} s`);
    return reportOf({ quick, rounds, loadBefore, measured, gigaflopsByRound, matrixSide: MATRIX_SIDE, xla });
  } finally {
    files.remove();
  }
}

/** How many images of each size the cases need. */
function imagesBySize(cases: readonly BenchCase[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { name, sizePx, batch } of cases) {
    counts.set(sizePx, Math.max(counts.get(sizePx) ?? 0, isFrozen(name) ? EPOCH_IMAGES : batch));
  }
  return counts;
}

async function xlaRow(item: BenchCase, subject: SubjectName, folder: string, measurements: readonly Measurement[]): Promise<XlaRow> {
  const without = median(measurements.find((measurement) => measurement.subject === subject)?.imagesPerSecond ?? []);
  const speed = await tryXla(taskOf(item, subject, folder, true), XLA_LIMIT_SECONDS);
  const used = speed !== undefined && speed > without;
  return { ...fieldsOf(item), subject, imagesPerSecond: speed ?? null, limitSeconds: XLA_LIMIT_SECONDS, used };
}

function requireOneTensorFlow(measurements: readonly Measurement[]): void {
  const onTensorFlow = measurements.filter(({ runtime }) => runtime.startsWith('TensorFlow'));
  if (new Set(onTensorFlow.map(({ runtime }) => runtime)).size === 1) return;
  const found = onTensorFlow.map(({ subject, runtime }) => `${SUBJECT_TITLES[subject]}: ${runtime}`).join(', ');
  throw new InputError(`The subjects run on different versions of TensorFlow (${found}); one is expected. Run: npm run setup`);
}
