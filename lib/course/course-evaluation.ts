/** Notebook 7: a model judged by faces that it has not learned from, how sure each figure is, and for whom it holds. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../base/errors';
import { writeJson } from '../base/files';
import { percent, years } from '../base/text';
import { GENDER_NAMES } from '../data/record';
import type { Estimate } from '../evaluation/bootstrap';
import type { Evaluation, ScoredFace } from '../evaluation/evaluate';
import { confusionMatrix } from '../evaluation/gender-metrics';
import { type GroupRow, groupRows } from '../evaluation/groups';
import { labelNoise } from '../evaluation/label-noise';
import { calibrationFigure, cumulativeScoreFigure, groupFigure, labelNoiseFigure, rocFigure } from '../figures/evaluation';
import type { Figure } from '../figures/figure';
import { errorByAgeBand, predictedAgainstTrueAge } from '../figures/prediction';
import { tableHtml } from '../pages/html';
import type { CourseRun } from './course-run';
import { openTrainedModel, type TrainedModel } from './trained-model';

const METRICS = {
  age: {
    maeYears: 'mean absolute error',
    rmseYears: 'root of the mean square',
    medianErrorYears: 'median absolute error',
    biasYears: 'bias: mean of predicted minus annotated',
    within5Years: 'at most 5 years off',
  },
  gender: {
    accuracy: 'accuracy',
    balancedAccuracy: 'balanced accuracy',
    areaUnderRoc: 'area under the ROC curve',
    expectedCalibrationError: 'expected calibration error',
  },
} as const;

/** Errors by group and by two groups at a time, of the model and without looking: the file `evaluation.json` of a run. */
export interface EvaluationRows {
  readonly model: Readonly<Record<'groups' | 'crossings', readonly GroupRow[]>>;
  readonly baseline: EvaluationRows['model'];
}

/** The caller disposes `model`. */
export class CourseEvaluation {
  readonly summary: Evaluation;
  readonly rows: EvaluationRows;
  readonly figures: Readonly<Record<'ages' | 'errorByAge' | 'closeness' | 'roc' | 'calibration' | 'groups' | 'labelNoise', Figure>>;
  /** Annotated in rows, answered in columns. */
  readonly confusion: string;

  constructor(
    { catalog }: CourseRun,
    readonly model: TrainedModel,
    readonly scored: readonly ScoredFace[],
  ) {
    const { medianAgeYears, majorityGender } = model.facts.baseline;
    const constant = { ageYears: medianAgeYears, femaleProbability: majorityGender };
    const unlooked = scored.map(({ record }) => ({ record, prediction: constant }));
    const said = scored.map(({ record, prediction }) => ({ p: prediction.femaleProbability, label: record.gender }));
    const [errorsYears, baselineErrorsYears] = [scored, unlooked].map((faces) =>
      faces.map(({ record, prediction }) => prediction.ageYears - record.ageYears),
    );
    this.summary = model.summarise(scored);
    this.rows = { model: groupRows(scored, catalog), baseline: groupRows(unlooked, catalog) };
    this.figures = {
      ages: predictedAgainstTrueAge(scored),
      errorByAge: errorByAgeBand(scored, medianAgeYears),
      closeness: cumulativeScoreFigure(errorsYears, baselineErrorsYears),
      roc: rocFigure(said),
      calibration: calibrationFigure(said),
      groups: groupFigure(this.rows.model.groups),
      labelNoise: labelNoiseFigure(labelNoise(catalog), this.summary, this.summary.baseline),
    };
    const counts = confusionMatrix(said).map((row, gender) => [`annotated ${GENDER_NAMES[gender]}`, ...row]);
    this.confusion = tableHtml(['', ...GENDER_NAMES.map((name) => `answered ${name}`)], counts);
  }

  /** All metrics of age or of perceived gender, beside those of the answer that needs no face. */
  metricTable(what: 'age' | 'gender'): string {
    const { model, baseline } = this.summary.metrics;
    const text = (key: string, value = null as number | null) =>
      /(?:Error|mae|rmse|bias)Years$/.test(key) ? years(value, 2) : percent(value);
    const rows = Object.entries(METRICS[what]).map(([key, name]) => {
      return [name, ...[model, baseline].map((metrics) => text(key, (metrics[what] as Record<string, number | null> | null)?.[key]))];
    });
    return tableHtml(['', 'the model', what === 'age' ? 'always the median age' : 'always the more frequent'], rows);
  }

  groupTable(which: 'groups' | 'crossings' = 'groups'): string {
    return groupTableHtml(this.rows, which);
  }
}

/** Errors of groups with their 95 % intervals, beside the same without looking. */
export function groupTableHtml({ model, baseline }: EvaluationRows, which: 'groups' | 'crossings' = 'groups'): string {
  const cell = (estimate: Estimate | null, factor: number, digits: number) => {
    if (!estimate) return '';
    const [value, low, high] = [estimate.value, estimate.low, estimate.high].map((end) => (factor * end).toFixed(digits));
    return `${value} (${low} to ${high})`;
  };
  const columns = ['annotated as', 'faces', 'mean absolute age error, years', 'without looking', 'gender accuracy, %', 'without looking'];
  const rows = model[which].map(({ name, count, ...own }, index) => {
    const { ageMaeYears: age, genderAccuracy: gender } = baseline[which][index];
    const [ageBaseline, genderBaseline] = [age?.value.toFixed(2) ?? '', gender ? (100 * gender.value).toFixed(1) : ''];
    return [name, count, cell(own.ageMaeYears, 1, 2), ageBaseline, cell(own.genderAccuracy, 100, 1), genderBaseline];
  });
  return tableHtml(columns, rows);
}

/**
 * Judges the run's own model, and keeps what its model card shows; the one that comes with the course where session 2 is not trained.
 * Throws an InputError where that one has learned from every face of the validation side.
 */
export async function openEvaluation(run: CourseRun): Promise<CourseEvaluation> {
  const model = await openTrainedModel(run, 'faces of the run');
  const scored = await model.score();
  if (scored.length === 0) throw new InputError(`${model.label} has learned from all faces that judge this run. Train session 2 first.`);
  const evaluation = new CourseEvaluation(run, model, scored);
  if (existsSync(path.join(run.folder, 'model'))) await writeJson(path.join(run.folder, 'evaluation.json'), evaluation.rows);
  return evaluation;
}
