/** The learning rate of every step of a run. */
import { type Config, coolDownEpochs } from '../config';

/**
 * The learning rate of a step, counted from 0 over the whole run of so many steps an epoch. It rises in equal strides over
 * the warm-up to the session's rate, and stays or falls along half a cosine to 0 (Loshchilov and Hutter 2017); the epochs
 * that settle have a fall of their own.
 */
export function learningRateAt(config: Pick<Config, 'schedule' | 'sessions' | 'coolDown'>, step: number, stepsPerEpoch: number): number {
  const { schedule, sessions, coolDown } = config;
  const [first, second] = sessions.map(({ epochs }) => epochs * stepsPerEpoch);
  const settlesFrom = first + second - coolDownEpochs(config, 2) * stepsPerEpoch;
  if (step >= settlesFrom) return coolDown.learningRate * cosineFall(step, settlesFrom, first + second);
  const { learningRate } = sessions[step < first ? 0 : 1];
  const { warmUpSteps, decay } = schedule;
  if (step < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  return decay === 'constant' ? learningRate : learningRate * cosineFall(step, warmUpSteps, settlesFrom);
}

/** From 1 at the step `from` to 0 at the step `to`. */
function cosineFall(step: number, from: number, to: number): number {
  return 0.5 * (1 + Math.cos((Math.PI * (step - from)) / Math.max(1, to - from)));
}
