/** The objective's losses as tfjs tensors: the reference for those that the graph compiler writes. Call inside tf.tidy. */
import * as tf from '@tensorflow/tfjs';
import type { Objective } from '../../lib/config';
import { AGE_BINS } from '../../lib/model/interval';
import { type Batch, taughtLabels } from '../../lib/training/labels';

type Labels = Omit<Batch, 'inputs'>;

/** Keeps the logarithm finite, as Keras does. */
const SMALLEST_PROBABILITY = 1e-7;

/** Weighted sum of the age's losses: `ages` `[b, 1]` in the head's unit, `distribution` `[b, AGE_BINS]` where the model has one. */
export function ageLossOf(objective: Objective, labels: Labels, ages: tf.Tensor, distribution: tf.Tensor | undefined): tf.Scalar {
  const count = labels.ages.length;
  const { ages: taughtAges, ageLabels } = taughtLabels(labels, objective);
  const expected = tf.tensor2d(taughtAges, [count, 1]);
  const terms: tf.Tensor[] = [tf.scalar(0)];
  if (objective.ageSquared > 0) terms.push(tf.mul(tf.losses.meanSquaredError(expected, ages), objective.ageSquared));
  if (objective.ageAbsolute > 0) terms.push(tf.mul(tf.losses.absoluteDifference(expected, ages), objective.ageAbsolute));
  if (objective.ageDistribution > 0) {
    if (!distribution) throw new Error('The objective asks for an age distribution: build the model with the head "distribution".');
    const taught = tempered(distribution, objective.ageTemperature);
    terms.push(tf.mul(crossEntropy(tf.tensor2d(ageLabels, [count, AGE_BINS]), taught), objective.ageDistribution));
  }
  return tf.addN(terms) as tf.Scalar;
}

/** Weighted cross-entropy of gender: `genders` are probabilities `[b, 2]`. */
export function genderLossOf(objective: Objective, labels: Labels, genders: tf.Tensor): tf.Scalar {
  const { genderLabels } = taughtLabels(labels, objective);
  return tf.mul(crossEntropy(tf.tensor2d(genderLabels, [labels.genders.length, 2]), genders), objective.gender) as tf.Scalar;
}

/** The softmax whose logits are divided by `temperature`, from the softmax of the logits themselves: roots of it, summing to 1. */
function tempered(probabilities: tf.Tensor, temperature: number): tf.Tensor {
  if (temperature === 1) return probabilities;
  const roots = tf.pow(probabilities, 1 / temperature);
  return tf.div(roots, tf.sum(roots, 1, true));
}

/** Mean over the batch of -sum(labels · log(probabilities)). */
function crossEntropy(labels: tf.Tensor, probabilities: tf.Tensor): tf.Tensor {
  return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.log(tf.maximum(probabilities, SMALLEST_PROBABILITY))), 1)));
}
