/** A training that falls apart ends before anything that is not a number is saved. */
import { InputError } from '../base/errors';
import type { TrainingState } from './step';

/** Which step it was. */
export interface StepPlace {
  /** "session 2, epoch 1". */
  readonly pass: string;
  /** Counted from 1 within the epoch. */
  readonly step: number;
  readonly learningRate: number;
}

/** Throws an InputError, naming step and learning rate, where the loss is no number. */
export function requireFiniteLoss(loss: number, place: StepPlace): void {
  if (!Number.isFinite(loss)) throw fallenApart(`the loss is ${loss}`, place);
}

/** Throws an InputError, naming step and learning rate, where a weight, a moment or an average is no number. */
export function requireFiniteState(state: TrainingState, place: StepPlace): void {
  for (const kind of ['weights', 'firstMoments', 'secondMoments', 'averages'] as const) {
    for (const [name, { values }] of Object.entries(state[kind])) {
      // A loop over indices: there are millions, and a callback for each would be felt at every checkpoint.
      for (let index = 0; index < values.length; index++) {
        if (!Number.isFinite(values[index])) throw fallenApart(`the update makes ${name} ${values[index]}`, place);
      }
    }
  }
}

function fallenApart(what: string, { pass, step, learningRate }: StepPlace): InputError {
  return new InputError(
    `${pass}, step ${step}: ${what} at learning rate ${learningRate.toPrecision(3)}. ` +
      'The last checkpoint is kept as it was before; start a new run with a lower learning rate.',
  );
}
