/** Where a run stands: which sessions are finished, and from where an unfinished one goes on. */
import { InputError } from '../errors';
import type { Run } from '../run/run';
import { type Checkpoint, readCheckpoint } from './checkpoint';
import type { TrainingState } from './step';

export type SessionStart = Pick<Checkpoint, 'epoch' | 'within' | 'history'> & { readonly state?: TrainingState };

/** Where a session begins: where it was left if it is unfinished, else where the one before it ended. */
export function sessionStart(run: Run, session: 1 | 2): SessionStart {
  const own = readCheckpoint(run, session);
  if (own && own.epoch < run.config.sessions[session - 1].epochs) return own;
  if (session === 1) return { epoch: 0, within: null, history: [] };
  const before = finishedSession(run, 1);
  return { epoch: 0, within: null, history: before.history, state: before.state };
}

/** Whether a session has all its epochs. */
export function isFinished(run: Run, session: 1 | 2): boolean {
  return readCheckpoint(run, session)?.epoch === run.config.sessions[session - 1].epochs;
}

/** The end of a session that has all its epochs. Throws an InputError, naming the notebook that trains it, where it has not. */
export function finishedSession(run: Run, session: 1 | 2): Checkpoint {
  const checkpoint = readCheckpoint(run, session);
  if (checkpoint?.epoch !== run.config.sessions[session - 1].epochs) {
    const notebook = `notebooks/0${session + 2}-train-session-${session}.ipynb`;
    throw new InputError(`${run.folder}: session ${session} is not finished. Run ${notebook} first (or npm run train).`);
  }
  return checkpoint;
}
