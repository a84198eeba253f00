/** The training step as a compiled TensorFlow graph, and all that a step changes. */
import type * as tf from '@tensorflow/tfjs';
import { batchParts } from '../base/engine';
import { type Config, PLAIN_OBJECTIVE } from '../config';
import type { SettableVariable, Variable } from '../graph/builder';
import { type CompiledModel, compileModel } from '../graph/compile';
import { ADAM } from '../graph/optimiser';
import { type Feed, GraphSession, once, repeated, timesOver } from '../graph/session';
import { AGE_BINS } from '../model/interval';
import { readWeights } from '../model/layer-weights';
import { type NamedWeights, shapeSize } from '../model/weights';
import { type Batch, taughtLabels } from './labels';

/** What of a configuration decides how a step changes the weights. */
export type StepRecipe = Pick<Config, 'objective' | 'emaDecay' | 'weightDecay'>;

/** The course's plain losses, and the weights as Adam leaves them. */
export const PLAIN_STEP: StepRecipe = { objective: PLAIN_OBJECTIVE, emaDecay: 0, weightDecay: 0 };

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
  /** Exponential moving averages of those weights, which wander less and predict better; empty where none are kept. */
  readonly ema: NamedWeights;
  /** How many updates each of those weights has had: a layer that joins later starts its own bias correction. */
  readonly updates: Readonly<Record<string, number>>;
}

/**
 * How far the running average moves towards the weights at its nth step: 1 - decay, but more at first, so that it forgets
 * the weights it began with (the schedule of TensorFlow's ExponentialMovingAverage with `num_updates`).
 */
export function shareAfter(steps: number, decay: number): number {
  return 1 - Math.min(decay, (1 + steps) / (10 + steps));
}

/** Where training starts: Adam at rest. */
export function untrained(weights: NamedWeights): TrainingState {
  return { weights, firstMoments: {}, secondMoments: {}, ema: {}, updates: {} };
}

/** The weights that are judged and kept: the averages where there are any, else the weights themselves. */
export function keptWeights({ weights, ema }: Pick<TrainingState, 'weights' | 'ema'>): NamedWeights {
  return { ...weights, ...ema };
}

/** Adam on the whole network, or on a part of it, one batch at a time; holds the weights until it is disposed. */
export class GraphStep {
  private readonly compiled: CompiledModel;
  private readonly session: GraphSession;
  private readonly inputShape: readonly number[];
  private updates: Record<string, number> = {};

  /** Compiles `model` (outputs `age` and `gender`) and starts from its weights, with Adam at rest; batches go through it in `parts`. */
  constructor(
    model: tf.LayersModel,
    trainable: (layerName: string) => boolean,
    private readonly recipe: StepRecipe = PLAIN_STEP,
    private readonly parts = batchParts(),
  ) {
    const { objective, emaDecay, weightDecay } = recipe;
    this.compiled = compileModel(model, trainable, { objective, average: emaDecay > 0, weightDecay, parts });
    this.session = new GraphSession(this.compiled.nodes);
    this.inputShape = model.inputs[0].shape.slice(1) as number[];
    this.restore(untrained(readWeights(model)));
  }

  /** One Adam update on one batch. */
  step({ inputs, ...labels }: Batch, learningRate: number): StepResult {
    const { feeds, train, learned } = this.compiled;
    for (const { name } of learned) this.updates[name]++;
    const count = labels.ages.length;
    const times = timesOver(count, this.parts);
    const images: Feed = { name: feeds.input, shape: [times * count, ...this.inputShape], values: repeated(inputs, times) };
    const fed = [images, ...this.labelFeeds(labels, times), ...this.optimiserFeeds(learningRate)];
    const [ageLoss, genderLoss, ...outputs] = this.session.run(fed, train);
    const [agesSaid, gendersSaid] = outputs.map((output) => once(output, times));
    return { ageLoss: ageLoss[0], genderLoss: genderLoss[0], ages: agesSaid, genders: gendersSaid };
  }

  /** A copy of the state; weights that this step does not hold (the base, while heads train on features) are not in it. */
  state(): TrainingState {
    const { weights, learned, firstMoments, secondMoments, averages } = this.compiled;
    return {
      weights: this.read(weights, weights),
      firstMoments: this.read(firstMoments, learned),
      secondMoments: this.read(secondMoments, learned),
      ema: this.read(averages, learned),
      updates: { ...this.updates },
    };
  }

  /** Takes over what `state` names; moments it lacks become zero. */
  restore(state: TrainingState): void {
    const { weights, learned, firstMoments, secondMoments, averages, setState } = this.compiled;
    const current = weights.every(({ name }) => name in state.weights) ? {} : this.read(weights, weights);
    const values = { ...current, ...state.weights };
    const moments = [...fill(firstMoments, learned, state.firstMoments), ...fill(secondMoments, learned, state.secondMoments)];
    const averaged = fill(averages, learned, { ...values, ...state.ema });
    this.session.run([...fill(weights, weights, values), ...moments, ...averaged], [setState]);
    this.updates = Object.fromEntries(learned.map(({ name }) => [name, state.updates[name] ?? 0]));
  }

  dispose(): void {
    this.session.dispose();
  }

  /** The variables' values, under the names of the weights that they are or belong to. */
  private read(variables: readonly Variable[], weights: readonly Variable[]): NamedWeights {
    if (variables.length === 0) return {};
    const fetches = variables.map(({ value }) => value);
    const values = this.session.run([], fetches);
    return Object.fromEntries(variables.map(({ shape }, index) => [weights[index].name, { shape, values: values[index] }]));
  }

  /** A batch that goes through the graph several times over brings its labels as often. */
  private labelFeeds(batch: Omit<Batch, 'inputs'>, times: number): Feed[] {
    const { feeds } = this.compiled;
    const { ageDistribution, genderSmoothing } = this.recipe.objective;
    const count = times * batch.ages.length;
    const { ages, ageLabels, genderLabels } = taughtLabels(batch, this.recipe.objective);
    return [
      { name: feeds.ages, shape: [count, 1], values: repeated(ages, times) },
      { name: feeds.genders, shape: [count], values: repeated(batch.genders, times) },
      ...(ageDistribution > 0 ? [{ name: feeds.ageLabels, shape: [count, AGE_BINS], values: repeated(ageLabels, times) }] : []),
      ...(genderSmoothing > 0 ? [{ name: feeds.genderLabels, shape: [count, 2], values: repeated(genderLabels, times) }] : []),
    ];
  }

  private optimiserFeeds(learningRate: number): Feed[] {
    const { feeds, learned } = this.compiled;
    const power = (beta: number) => Float32Array.from(learned, ({ name }) => beta ** this.updates[name]);
    const scalar = (name: string, value: number): Feed => ({ name, shape: [], values: Float32Array.of(value) });
    const steps = Math.max(...Object.values(this.updates));
    return [
      scalar(feeds.learningRate, learningRate),
      { name: feeds.powers[0], shape: [learned.length], values: power(ADAM.beta1) },
      { name: feeds.powers[1], shape: [learned.length], values: power(ADAM.beta2) },
      ...(this.recipe.emaDecay > 0 ? [scalar(feeds.averageShare, shareAfter(steps, this.recipe.emaDecay))] : []),
    ];
  }
}

/** A feed for every variable: the value under its weight's name, or zeros. */
function fill(variables: readonly SettableVariable[], weights: readonly Variable[], values: NamedWeights): Feed[] {
  return variables.map(({ shape, feed }, index) => ({
    name: feed,
    shape,
    values: values[weights[index].name]?.values ?? new Float32Array(shapeSize(shape)),
  }));
}
