/**
 * What a training step minimises: a weighted sum of losses on age and gender. A weight of 0 leaves a loss out.
 *
 * Age may be learned as a distribution: a softmax over one-year bins, taught with labels that give neighbouring years
 * their share, whose expected value is the answer (Gao et al. 2018, "Age Estimation Using Expectation of Label
 * Distribution Learning").
 */

export interface Objective {
  /** Weight of the mean squared error of the age, in the head's unit. */
  readonly ageSquared: number;
  /** Weight of the mean absolute error of the age, in the head's unit. */
  readonly ageAbsolute: number;
  /** Weight of the cross-entropy between the age's distribution and its soft label; needs the distribution head. */
  readonly ageDistribution: number;
  /** Spread of the soft age label, in years. */
  readonly ageLabelSdYears: number;
  /**
   * The softmax that the soft labels teach divides its logits by this temperature; the answer's softmax does not. Above 1
   * the answer thus leans from the mean of what is taught towards its middle, which the absolute error is least for.
   */
  readonly ageTemperature: number;
  /** Weight of gender's cross-entropy. */
  readonly gender: number;
  /** The share of the gender label that is given to both answers alike: labels are not always right. */
  readonly genderSmoothing: number;
}

/** The course's plain objective: squared error of age plus sparse categorical cross-entropy of gender. */
export const PLAIN_OBJECTIVE: Objective = {
  ageSquared: 1,
  ageAbsolute: 0,
  ageDistribution: 0,
  ageLabelSdYears: 0,
  ageTemperature: 1,
  gender: 1,
  genderSmoothing: 0,
};
