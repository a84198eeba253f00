/**
 * One training step behind a small interface, so that the loop around it does not know who computes: the compiled graph
 * (native TensorFlow, fast) or tfjs's own layers (any engine, the reference that the graph is tested against).
 */
import type { NamedWeights } from '../model/weights';

/** Images as uint8 RGB `[count, size, size, 3]`, or features `[count, 1280]`, with their labels. */
export interface Batch {
  readonly inputs: Uint8Array | Float32Array;
  /** In the unit that the age head learns in. */
  readonly ages: Float32Array;
  readonly genders: Int32Array;
}

export interface Predictions {
  /** In the unit that the age head learns in. */
  readonly ages: Float32Array;
  /** Probability of each gender, `[count, 2]`, row by row. */
  readonly genders: Float32Array;
}

/** Losses and predictions are those before the update. */
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
