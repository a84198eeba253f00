/** Where a run stands: which sessions are finished, and from where an unfinished one goes on. */
import type * as tf from '@tensorflow/tfjs';
import { InputError } from '../base/errors';
import { weightsOf } from '../graph/layers';
import { shapeText } from '../model/weights';
import type { Run } from '../run/run';
import { type Checkpoint, readCheckpoint } from './checkpoint';
import type { History } from './history';
import type { TrainingState } from './step';

export type SessionStart = Pick<Checkpoint, 'epoch' | 'within' | 'history'> & {
  readonly state?: TrainingState;
  /** The session whose checkpoint the state is from. */
  readonly from: 1 | 2;
};

/** Where a session begins: where it was left if it is unfinished, else where the one before it ended. */
export function sessionStart(run: Run, session: 1 | 2): SessionStart {
  const own = readCheckpoint(run, session);
  if (own && own.epoch < run.config.sessions[session - 1].epochs) return { ...own, from: session };
  if (session === 1) return { epoch: 0, within: null, history: [], from: 1 };
  const { history, state } = finishedSession(run, 1);
  return { epoch: 0, within: null, history, state, from: 1 };
}

/** The epochs of a session that has all of them; undefined where it has not. */
export function finishedHistory(run: Run, session: 1 | 2): History | undefined {
  const checkpoint = readCheckpoint(run, session);
  if (checkpoint?.epoch !== run.config.sessions[session - 1].epochs) return undefined;
  return checkpoint.history.filter((record) => record.session === session);
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

/** Throws an InputError naming `file`, where the state came from, if the network has other weights than it holds. */
export function requireFitting(
  file: string,
  { weights, firstMoments, secondMoments, averages }: TrainingState,
  model: tf.LayersModel,
): void {
  const shapes = new Map(model.layers.flatMap(weightsOf).map(({ name, shape }) => [name, shapeText(shape)]));
  const missing = [...shapes.keys()].find((name) => !(name in weights));
  if (missing !== undefined) throw misfit(file, `${missing} is missing`);
  for (const arrays of [weights, firstMoments, secondMoments, averages]) {
    for (const [name, { shape }] of Object.entries(arrays)) {
      const expected = shapes.get(name);
      if (expected === undefined) throw misfit(file, `${name} is not one of its weights`);
      if (shapeText(shape) !== expected) throw misfit(file, `${name} has the shape ${shapeText(shape)}, expected ${expected}`);
    }
  }
}

function misfit(file: string, what: string): InputError {
  return new InputError(`${file}: does not fit this run's network (${what}). Delete it and train its session again.`);
}
