/** What the tests of figures draw: the network's own layers, drawn faces, and the history of the model that comes with the course. */

import { planDrawnFaces } from '../data/drawn/plan';
import { readJson } from '../lib/base/files';
import { projectPath } from '../lib/base/project';
import { normal, seededRandom } from '../lib/base/random';
import { FRAME_CHANGES } from '../lib/course/frame-changes';
import { parseFaceName } from '../lib/data/names';
import type { FaceRecord } from '../lib/data/record';
import type { Answered } from '../lib/evaluation/evaluate';
import { labelNoise } from '../lib/evaluation/label-noise';
import { ageHistogram, genderAgainstAge, genderBalance, raceBalance, splitFigure, tailSplitFigure } from '../lib/figures/dataset';
import { labelNoiseFigure } from '../lib/figures/evaluation';
import type { Figure } from '../lib/figures/figure';
import { type FrameCurve, frameSensitivityFigure } from '../lib/figures/frames';
import { metricFigure } from '../lib/figures/history';
import { multiplyAddsByLayer } from '../lib/figures/model';
import { errorByAgeBand, predictedAgainstTrueAge } from '../lib/figures/prediction';
import { buildFaceModel } from '../lib/model/face-model';
import { describeLayers, type LayerDescription } from '../lib/model/layer-weights';
import type { Baselines, History } from '../lib/training/history';
import { seededBase } from './bench/seeded';

/** Of the history's run: UTKFace's 16,951 training faces, held against the 4,238 of its validation side. Ages in years. */
export const BASELINES: Baselines = {
  meanAgeYears: 33.213,
  medianAgeYears: 29,
  majorityGender: 0,
  ageMaeYears: 15.062,
  genderAccuracy: 0.5198,
  ageLoss: 400.15,
  genderLoss: 0.6924,
};

/** 36 epochs in two sessions of 18: see data/model/README.md. */
export function realHistory(): History {
  return readJson(projectPath('data', 'model', 'history.json'));
}

/** The labels of drawn faces, as the catalog reads them from their names; names that cannot be read are left out. */
export function drawnRecords(count: number): FaceRecord[] {
  return planDrawnFaces(1, count).flatMap(({ file }) => {
    const labels = parseFaceName(file);
    return 'reason' in labels ? [] : [{ file, sha256: file, ...labels }];
  });
}

/** Answers to drawn faces as a middling model gives them. */
export function answersTo(records: readonly FaceRecord[]): Answered[] {
  const random = seededRandom(8);
  return records.map((record) => {
    const ageYears = Math.max(0, 8 + 0.75 * record.ageYears + 6 * normal(random));
    return { record, prediction: { ageYears, femaleProbability: record.gender === 1 ? 0.9 : 0.1 } };
  });
}

/** Of the network that the presets train, for images of 96 px. */
export function networkLayers(ageHead: 'unit' | 'distribution' = 'unit'): LayerDescription[] {
  const { full } = buildFaceModel(96, seededBase(), ageHead);
  const layers = describeLayers(full);
  full.dispose();
  return layers;
}

/** Ages read from a face whose frame is changed in the four ways of notebook 6. */
export function frameCurves(): FrameCurve[] {
  return FRAME_CHANGES.map(({ amounts, ...change }) => ({ ...change, amounts, agesYears: amounts.map((amount) => 30 + amount / 5) }));
}

/** One of every kind, the history's metrics all three ways. */
export function everyFigure(): Figure[] {
  const history = realHistory();
  const records = drawnRecords(600);
  const split = { training: records.filter((_, index) => index % 5 > 0), validation: records.filter((_, index) => index % 5 === 0) };
  const metrics = ['genderAccuracy', 'genderLoss', 'ageLoss', 'ageMaeYears'] as const;
  return [
    ...metrics.flatMap((metric) => ([1, 2, 'joined'] as const).map((part) => metricFigure(history, metric, part, BASELINES, 'years'))),
    ageHistogram(records),
    genderBalance(records),
    raceBalance(records),
    genderAgainstAge(records),
    splitFigure(split),
    tailSplitFigure(records),
    predictedAgainstTrueAge(answersTo(records)),
    errorByAgeBand(answersTo(records), 29),
    multiplyAddsByLayer(networkLayers()),
    frameSensitivityFigure(frameCurves(), 30),
    labelNoiseFigure(labelNoise({ exactDuplicates: [], nearDuplicates: [] }), BASELINES, BASELINES),
    labelNoiseFigure(
      labelNoise({ exactDuplicates: [], nearDuplicates: [{ first: records[0], second: records[1], correlation: 1 }] }),
      BASELINES,
      BASELINES,
    ),
  ];
}
