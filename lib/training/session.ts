/**
 * A training session: so many epochs of one plan, from the state that the session before it left. After each epoch and
 * every few minutes the history and a checkpoint are on disk, so a session that was stopped goes on where it was.
 */
import { dropBest } from './best';
import { checkpointFile, dropCheckpoints } from './checkpoint';
import type { TrainingGround } from './ground';
import { type History, writeHistory } from './history';
import { requireFitting, sessionStart } from './session-state';
import { type Reached, type SessionOptions, stagesOf, trainStage } from './stage';

/**
 * Trains session 1 or 2 and returns its epochs. An unfinished session goes on where it was left; a finished one is trained
 * anew, and what followed it is dropped. Leaves the model holding the weights that are kept.
 * Throws an InputError where session 2 is asked for and session 1 has not been trained, where a checkpoint cannot be read
 * or written, and where the loss is no longer a number; an InterruptedError where `signal` stopped it.
 */
export async function trainSession(ground: TrainingGround, session: 1 | 2, options: SessionOptions = {}): Promise<History> {
  const { run, model } = ground;
  const start = sessionStart(run, session);
  if (start.state) requireFitting(checkpointFile(run, start.from), start.state, model.full);
  if (start.epoch === 0 && start.within === null) {
    dropCheckpoints(run, session);
    dropBest(run, session);
  }
  await writeHistory(run, start.history); // the process may have been killed between checkpoint and history
  let reached: Reached = start;
  for (const stage of stagesOf(run.config, session)) {
    if (reached.epoch < stage.lastEpoch) reached = await trainStage(ground, session, stage, reached, options);
  }
  return reached.history.filter((record) => record.session === session);
}
