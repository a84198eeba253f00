/** What a session leaves behind after each epoch and every few minutes: weights, Adam's moments, and where it stood. */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import type { NamedWeights } from '../model/weights';
import type { Run } from '../run/run';
import type { EpochPosition } from './epoch';
import type { History } from './history';
import { howToGoOn } from './interrupt';
import { readSafetensors, writeSafetensors } from './safetensors';
import type { TrainingState } from './step';

export interface Checkpoint {
  readonly session: number;
  /** Epochs of the session that are done. */
  readonly epoch: number;
  /** How far the next epoch has come; null at an epoch's end. */
  readonly within: EpochPosition | null;
  /** Every epoch of the run so far, this one included. */
  readonly history: History;
  readonly state: TrainingState;
}

const KINDS = ['weights', 'firstMoments', 'secondMoments', 'averages'] as const;

/**
 * Takes the place of the session's checkpoint before it. Throws an InputError naming the file, the reason and what to do
 * where it cannot be written; the one before it stays then.
 */
export async function writeCheckpoint(run: Run, { session, epoch, within, history, state }: Checkpoint): Promise<void> {
  const arrays = KINDS.flatMap((kind) => Object.entries(state[kind]).map(([name, array]) => [`${kind}/${name}`, array] as const));
  const metadata = {
    session: String(session),
    epoch: String(epoch),
    updates: JSON.stringify(state.updates),
    within: JSON.stringify(within),
    history: JSON.stringify(history),
  };
  try {
    await writeSafetensors(checkpointFile(run, session), Object.fromEntries(arrays), metadata);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${error.message} The checkpoint before it is as it was. ${howToGoOn(run)}`);
  }
}

/** Where the session was last saved, or undefined before that. Throws an InputError for a file that is no checkpoint of it. */
export function readCheckpoint(run: Run, session: number): Checkpoint | undefined {
  const file = checkpointFile(run, session);
  if (!existsSync(file)) return undefined;
  const { arrays, metadata } = readSafetensors(file);
  const [weights, firstMoments, secondMoments, averages] = KINDS.map((kind) => withPrefix(arrays, `${kind}/`));
  try {
    if (Number(metadata.session) !== session || !Number.isInteger(Number(metadata.epoch))) throw new RangeError('session');
    return {
      session,
      epoch: Number(metadata.epoch),
      within: JSON.parse(metadata.within ?? 'null'),
      history: JSON.parse(metadata.history),
      state: { weights, firstMoments, secondMoments, averages, updates: JSON.parse(metadata.updates) },
    };
  } catch {
    throw new InputError(`${file}: not a checkpoint of session ${session}. Delete it and train the session again.`);
  }
}

/** Forgets the checkpoints of this session and of those after it, which went on from it. */
export function dropCheckpoints(run: Run, fromSession: number): void {
  for (let session = fromSession; session <= run.config.sessions.length; session++) rmSync(checkpointFile(run, session), { force: true });
}

export function checkpointFile(run: Run, session: number): string {
  return path.join(run.folder, 'checkpoints', `session-${session}.safetensors`);
}

function withPrefix(arrays: NamedWeights, prefix: string): NamedWeights {
  const entries = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, array]) => [name.slice(prefix.length), array]));
}
