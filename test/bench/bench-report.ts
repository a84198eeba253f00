/** What a benchmark leaves: outputs/bench/bench.json, with all that is needed to judge its numbers. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { TOLERANCE, TOLERANCE_AFTER_A_STEP, TOLERANCE_IN_BFLOAT16 } from './agree';
import { ALL_CASES, type BenchCase, caseTitle, EPOCH_IMAGES, EPOCHS, type SubjectName } from './cases';
import type { Measurement } from './measure';
import { type BenchRow, median, rowsOf } from './results';

export interface BenchReport {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly node: string;
    /** Processes that wanted a core, on average over a minute, before the first case. */
    readonly loadBefore: number;
  };
  /** Of TensorFlow, the same for all subjects that run on it. */
  readonly engineVersion: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly method: Readonly<Record<string, number>>;
  /** Titles of the cases that were not measured. */
  readonly leftOut: readonly string[];
  /** The machine's limit: float32 matrix products through the same engine. */
  readonly matrixProduct: { readonly side: number; readonly peakGigaflops: number; readonly gigaflopsByRound: readonly number[] };
  /** How close this project comes to that peak. */
  readonly arithmetic: readonly ArithmeticRow[];
  readonly xla: readonly XlaRow[];
  readonly rows: readonly BenchRow[];
  readonly samples: readonly SampleRow[];
}

type CaseFields = Pick<BenchRow, 'case' | 'sizePx' | 'batch'>;

export interface ArithmeticRow extends CaseFields {
  /** Billions of operations a second, from the layers' shapes and the measured time. */
  readonly gigaflops: number;
  readonly shareOfPeak: number;
}

/** Keras's graph compiled by XLA, tried once for each kind of case. */
export interface XlaRow extends CaseFields {
  readonly subject: SubjectName;
  /** null where no run was finished within the limit. */
  readonly imagesPerSecond: number | null;
  readonly limitSeconds: number;
  /** Whether it was the faster one, and so is what the rows show. */
  readonly used: boolean;
}

export interface SampleRow extends CaseFields {
  readonly subject: SubjectName;
  readonly imagesPerSecondByRound: readonly number[];
  /** How many cores other work kept busy meanwhile. */
  readonly otherCoresByRound: readonly number[];
}

export interface MeasuredCase {
  readonly case: BenchCase;
  readonly measurements: readonly Measurement[];
}

export interface BenchFacts {
  readonly quick: boolean;
  readonly rounds: number;
  readonly loadBefore: number;
  readonly measured: readonly MeasuredCase[];
  readonly gigaflopsByRound: readonly number[];
  readonly matrixSide: number;
  readonly xla: readonly XlaRow[];
}

export function reportOf({ quick, rounds, loadBefore, measured, gigaflopsByRound, matrixSide, xla }: BenchFacts): BenchReport {
  const peakGigaflops = Math.max(...gigaflopsByRound);
  const all = measured.flatMap(({ case: item, measurements }) => measurements.map((measurement) => ({ item, measurement })));
  const arithmetic = all.flatMap(({ item, measurement: { operationsPerImage, imagesPerSecond } }) => {
    if (operationsPerImage === undefined) return [];
    const gigaflops = (operationsPerImage * median(imagesPerSecond)) / 1e9;
    return [{ ...fieldsOf(item), gigaflops, shareOfPeak: gigaflops / peakGigaflops }];
  });
  const versions = all.map(({ measurement }) => /^TensorFlow (.+)/.exec(measurement.runtime)?.[1]);
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      node: process.versions.node,
      loadBefore,
    },
    engineVersion: versions.find((version) => version !== undefined) ?? 'unknown',
    rounds,
    quick,
    method: {
      threads: availableParallelism(),
      epochs: EPOCHS,
      epochImages: EPOCH_IMAGES,
      tolerance: TOLERANCE,
      toleranceAfterStep: TOLERANCE_AFTER_A_STEP,
      toleranceInBfloat16: TOLERANCE_IN_BFLOAT16,
    },
    leftOut: ALL_CASES.filter((item) => !measured.some((done) => done.case === item)).map(caseTitle),
    matrixProduct: { side: matrixSide, peakGigaflops, gigaflopsByRound },
    arithmetic,
    xla,
    rows: measured.flatMap(({ case: item, measurements }) => rowsOf(item, measurements)),
    samples: all.map(({ item, measurement: { subject, imagesPerSecond, otherCores } }) => ({
      ...fieldsOf(item),
      subject,
      imagesPerSecondByRound: imagesPerSecond,
      otherCoresByRound: otherCores,
    })),
  };
}

export function fieldsOf({ name, sizePx, batch }: BenchCase): CaseFields {
  return { case: name, sizePx, batch };
}
