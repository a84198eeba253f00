/**
 * The weights of the run's best epoch by validation loss, in `checkpoints/best.safetensors`, to look at and compare. What a
 * run ships is its last epoch all the same: an epoch chosen for what it scored on the validation side would flatter itself
 * there, because that side would have helped to choose it.
 */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { NamedWeights } from '../model/weights';
import type { Run } from '../run/run';
import type { EpochRecord, History } from './history';
import { readSafetensors, writeSafetensors } from './safetensors';

/** Keeps the weights that `record` judged where no epoch `before` it had a lower validation loss. */
export async function keepIfBest(run: Run, record: EpochRecord, before: History, judged: NamedWeights): Promise<void> {
  const { session, epoch, validation } = record;
  const losses = before.map((earlier) => earlier.validation.loss).filter(Number.isFinite);
  const file = bestFile(run);
  if (!Number.isFinite(validation.loss) || (existsSync(file) && losses.some((loss) => loss <= validation.loss))) return;
  const metadata = { session: String(session), epoch: String(epoch), validation: JSON.stringify(validation) };
  await writeSafetensors(file, judged, metadata);
}

/** Forgets the best epoch where it belongs to this session or a later one, or cannot be read. */
export function dropBest(run: Run, fromSession: number): void {
  const file = bestFile(run);
  if (existsSync(file) && !(sessionOf(file) < fromSession)) rmSync(file);
}

function sessionOf(file: string): number {
  try {
    return Number(readSafetensors(file).metadata.session);
  } catch {
    return Number.NaN;
  }
}

function bestFile(run: Run): string {
  return path.join(run.folder, 'checkpoints', 'best.safetensors');
}
