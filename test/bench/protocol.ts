/**
 * How the benchmark and its subjects talk. A subject is a process that does one task: it gets the task as its only argument,
 * answers once ready, and then answers requests; one line of JSON each, requests on its stdin, answers on file descriptor 3.
 */
import { availableParallelism } from 'node:os';
import type { Trainable } from '../../lib/config';
import { type BenchCase, type CaseName, EPOCH_IMAGES, EPOCHS, isEpochs, type SubjectName, trainableOf } from './cases';

export interface Task {
  readonly subject: SubjectName;
  /** `matmul` measures the machine's matrix-multiply peak. */
  readonly name: CaseName | 'matmul';
  readonly sizePx: number;
  readonly batch: number;
  readonly trainable: Trainable;
  readonly epochs: number;
  readonly epochImages: number;
  /** Keras only: whether TensorFlow's XLA compiles the graph. */
  readonly jit: boolean;
  /** Where the weights, images and labels lie: see input-files.ts. */
  readonly folder: string;
  readonly threads: number;
}

/** What a subject computes from the seeded weights and images, before anything is timed. */
export interface Proof {
  /** Ages `[n]`, then gender probabilities `[n, 2]`, of the first batch, by the network as it predicts. */
  readonly outputs: readonly number[];
  /** Age loss and gender loss of the first two steps on the first batch; empty where they are not comparable. */
  readonly losses: readonly (readonly number[])[];
}

/** The first answer. */
export interface Ready {
  readonly proof: Proof;
  /** What computes: "TensorFlow 2.20.0". */
  readonly runtime: string;
  /** Multiplications and additions of one run; ours only. */
  readonly floatingPointOperations?: number;
}

/** `run`: the case's work so many times over. `memory`: the most memory that the process has held. */
export type BenchRequest = { readonly do: 'run'; readonly times: number } | { readonly do: 'memory' };

export interface RunAnswer {
  readonly seconds: number;
}

export interface MemoryAnswer {
  /** VmHWM of /proc/self/status. */
  readonly peakMemoryBytes: number;
}

/** What a subject written in TypeScript offers. */
export interface Workload {
  readonly proof: Proof;
  /** What computes, where that is not TensorFlow. */
  readonly runtime?: string;
  readonly floatingPointOperations?: number;
  /** The case's work once. */
  run(): void | Promise<void>;
}

/** Of every step; Adam's constants are Keras's. */
export const LEARNING_RATE = 1e-4;

/** What one subject has to do for a case. */
export function taskOf({ name, sizePx, batch }: BenchCase, subject: SubjectName, folder: string, jit = false): Task {
  const fixed = { epochs: EPOCHS, epochImages: EPOCH_IMAGES, threads: availableParallelism() };
  return { subject, name, sizePx, batch, trainable: trainableOf(name), jit, folder, ...fixed };
}

/** Whether the task is what a training process does. */
export function trains({ name }: Task): boolean {
  return name !== 'forward' && name !== 'matmul';
}

/** How many images one run of a task sees. */
export function imagesPerRun({ name, batch, epochs, epochImages }: Task): number {
  return name !== 'matmul' && isEpochs(name) ? epochs * epochImages : batch;
}

/** Rows and columns of the matrices whose product measures the machine. */
export const MATRIX_SIDE = 2048;
