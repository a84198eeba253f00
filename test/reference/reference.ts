/** The committed numbers that Keras itself gave; make_reference.py makes them. */
import { readFileSync } from 'node:fs';
import { projectPath } from '../../lib/base/project';

export interface Losses {
  readonly total: number;
  readonly age: number;
  readonly gender: number;
}

export interface References {
  /** Features `[2, 1280]` of seededPixels(2, 96). */
  readonly features: {
    /** By seededNormedBase's network, in which Keras kept the BatchNorms. */
    readonly batchNormKept: readonly number[];
    /** By seededBase's. */
    readonly folded: readonly number[];
  };
  /** Five steps of Adam 1e-4 on seededHeads: seededFeatures(32), seededLabels(32). */
  readonly heads: {
    /** Before each step. */
    readonly losses: readonly Losses[];
    /** All of them, after the last step: `age/kernel`, … */
    readonly weights: Readonly<Record<string, readonly number[]>>;
  };
  /** Three steps of Adam 1e-4 on seededBase with seededHeads: seededImages(4, 64), seededLabels(4). */
  readonly training: {
    /** Before each step. */
    readonly losses: readonly Losses[];
    /** Of the first step. */
    readonly gradients: Readonly<Record<string, { readonly norm: number; readonly first: readonly number[] }>>;
    /** The first eight values of each weight after the last step. */
    readonly weights: Readonly<Record<string, readonly number[]>>;
  };
  /** The .h5 files beside it: a MobileNetV2 of width 0.35 up to block 2, given seededPixels(1, 32). */
  readonly h5: {
    /** Of `block_2_add`, `[1, 8, 8, 8]`. */
    readonly output: readonly number[];
  };
}

/** One set of committed numbers, or the set of that name in another folder. */
export function readReference<Name extends keyof References>(name: Name, folder: string = referencePath()): References[Name] {
  return JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
}

/** The folder of the committed files, or one of them. */
export function referencePath(...parts: readonly string[]): string {
  return projectPath('test', 'reference', 'data', ...parts);
}
