/** Which layers a session trains. */

import { InputError } from '../base/errors';
import type { Trainable } from '../config';
import { HEAD_LAYERS } from '../model/face-model';
import { BLOCKS } from '../model/mobilenet';

/** A test for layer names. `last N blocks` counts MobileNetV2's inverted residual blocks from the end, and takes in all behind them. */
export function trainableLayers(trainable: Trainable): (layerName: string) => boolean {
  if (trainable === 'all') return () => true;
  if (trainable === 'heads') return (name) => HEAD_LAYERS.includes(name);
  const blocks = Number(/^last (\d+) blocks$/.exec(trainable)?.[1]);
  if (!(blocks >= 1 && blocks <= BLOCKS)) {
    throw new InputError(`trainable "${trainable}": expected "heads", "all" or "last N blocks" with N from 1 to ${BLOCKS}.`);
  }
  return (name) => HEAD_LAYERS.includes(name) || name.startsWith('Conv_1') || blockOf(name) >= BLOCKS - blocks;
}

/** 0 for the first block, `expanded_conv`; -1 for layers outside all blocks. */
function blockOf(layerName: string): number {
  const match = /^expanded_conv(?:_(\d+))?_/.exec(layerName);
  return match ? Number(match[1] ?? 0) : -1;
}
