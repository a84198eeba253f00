/**
 * One training step behind a small interface, so that the loop around it does not know who computes: the compiled graph
 * (native TensorFlow, fast) or tfjs's own layers (any engine, the reference that the graph is tested against).
 */
import { type Objective, PLAIN_OBJECTIVE } from '../config';
import type { NamedWeights } from '../model/weights';

export interface StepRecipe {
  readonly objective: Objective;
  /**
   * Decay of the running average of the weights (an exponential moving average), in [0, 1); 0 keeps none. The average
   * wanders less than the weights do and predicts better.
   */
  readonly emaDecay: number;
  /** Share of the kernels, times the learning rate, that is taken from them after Adam's update; 0 takes nothing. */
  readonly weightDecay: number;
}

/** The course's plain losses, and the weights as Adam leaves them. */
export const PLAIN_STEP: StepRecipe = { objective: PLAIN_OBJECTIVE, emaDecay: 0, weightDecay: 0 };

/** Images as uint8 RGB `[count, size, size, 3]`, or features `[count, 1280]`, with their labels. */
export interface Batch {
  readonly inputs: Uint8Array | Float32Array;
  /** In the unit that the age head learns in. */
  readonly ages: Float32Array;
  readonly genders: Int32Array;
  /** Where images are blended: how much each has taken of the next one, whose labels it then takes on as much. */
  readonly shares?: Float32Array;
}

export interface Predictions {
  /** In the unit that the age head learns in. */
  readonly ages: Float32Array;
  /** Probability of each gender, `[count, 2]`, row by row. */
  readonly genders: Float32Array;
}

/** Losses (weighted as the objective says) and predictions are those before the update. */
export interface StepResult extends Predictions {
  readonly ageLoss: number;
  readonly genderLoss: number;
}

/** All that a step changes: enough to go on bit for bit. */
export interface TrainingState {
  readonly weights: NamedWeights;
  /** Adam's moments of every weight that has been trained. */
  readonly firstMoments: NamedWeights;
  readonly secondMoments: NamedWeights;
  /** Running averages of those weights; empty where none are kept. */
  readonly averages: NamedWeights;
  /** How many updates each of those weights has had: a layer that joins later starts its own bias correction. */
  readonly updates: Readonly<Record<string, number>>;
}

export interface TrainingStep {
  /** One Adam update on one batch. */
  step(batch: Batch, learningRate: number): StepResult;
  /** The forward pass alone. */
  predict(inputs: Batch['inputs']): Predictions;
  /** A copy of the state; weights that this step does not hold (the base, while heads train on features) are not in it. */
  state(): TrainingState;
  /** Takes over what `state` names; moments it lacks become zero. */
  restore(state: TrainingState): void;
  dispose(): void;
}

/**
 * How far the running average moves towards the weights at its nth step: 1 - decay, but more at first, so that it forgets
 * the weights it began with (the schedule of TensorFlow's ExponentialMovingAverage with `num_updates`).
 */
export function shareAfter(steps: number, decay: number): number {
  return 1 - Math.min(decay, (1 + steps) / (10 + steps));
}

/** The weights that are judged and kept: the averages where there are any, else the weights themselves. */
export function keptWeights({ weights, averages }: Pick<TrainingState, 'weights' | 'averages'>): NamedWeights {
  return { ...weights, ...averages };
}
