/** Small made-up data for the tests of figures: one figure of every kind. */

import { normal, seededRandom } from '../lib/base/random';
import type { FaceRecord, Gender } from '../lib/data/record';
import { ageHistogram, genderAgainstAge, genderBalance, raceBalance, splitFigure, tailSplitFigure } from '../lib/figures/dataset';
import type { Figure } from '../lib/figures/figure';
import { comparisonFigure, metricFigure } from '../lib/figures/history';
import { type LayerRow, multiplyAddsByLayer } from '../lib/figures/model';
import { errorByAgeBand, type PredictionPoint, predictedAgainstTrueAge } from '../lib/figures/prediction';
import type { Baselines, EpochRecord } from '../lib/training/history';

export const BASELINES: Baselines = {
  meanAgeYears: 33.1,
  medianAgeYears: 29,
  majorityGender: 0,
  ageMaeYears: 15.1,
  genderAccuracy: 0.523,
  ageLoss: 1.01,
  genderLoss: 0.692,
};

/** Ten epochs in two sessions. */
export function madeUpHistory(): EpochRecord[] {
  return Array.from({ length: 10 }, (_, index): EpochRecord => {
    const session = index < 5 ? 1 : 2;
    const gain = 1 - 0.75 ** (index + 1);
    const metrics = (lag: number) => ({
      loss: 1.2 - 0.6 * gain + lag,
      ageLoss: 0.7 - 0.5 * gain + lag,
      genderLoss: 0.5 - 0.3 * gain + lag,
      ageMaeYears: 12 - 6 * gain + 5 * lag,
      genderAccuracy: 0.78 + 0.14 * gain - lag,
    });
    const epoch = session === 1 ? index + 1 : index - 4;
    return { session, epoch, training: metrics(0), validation: metrics(0.02), learningRate: 1e-4, seconds: 3, imagesPerSecond: 200 };
  });
}

export function madeUpRecords(count: number): FaceRecord[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, index) => {
    const ageYears = Math.min(110, Math.max(1, Math.round(Math.abs(33 + 19 * normal(random)))));
    const gender: Gender = random() < 0.35 + ageYears / 400 ? 1 : 0;
    return { file: `${ageYears}_${gender}_0_${index}.jpg`, sha256: String(index), ageYears, gender, race: Math.floor(5 * random() ** 2) };
  }).sort((a, b) => (a.file < b.file ? -1 : 1));
}

export function madeUpPoints(count: number): PredictionPoint[] {
  const random = seededRandom(8);
  return madeUpRecords(count).map(({ ageYears, gender }) => ({
    trueAgeYears: ageYears,
    predictedAgeYears: Math.max(0, 8 + 0.75 * ageYears + 6 * normal(random)),
    trueGender: gender,
    femaleProbability: gender === 1 ? 0.9 : 0.1,
  }));
}

export function madeUpLayers(): LayerRow[] {
  const row = (layer: string, multiplyAdds: number): LayerRow => ({ layer, outputShape: [28, 28, 64], parameters: 4096, multiplyAdds });
  const blocks = Array.from({ length: 16 }, (_, index) => index + 1).flatMap((index) => [
    row(`block_${index}_expand`, 4e6 - index * 1e5),
    row(`block_${index}_depthwise`, 6e5),
    row(`block_${index}_project`, 3.5e6 - index * 1e5),
  ]);
  return [
    row('Conv1', 3.5e6),
    row('expanded_conv_depthwise', 1.2e6),
    row('expanded_conv_project', 2.1e6),
    ...blocks,
    row('Conv_1', 6.6e6),
    row('age', 1280),
  ];
}

/** One of every kind, the history's metrics all three ways. */
export function everyFigure(): Figure[] {
  const history = madeUpHistory();
  const records = madeUpRecords(600);
  const split = { training: records.filter((_, index) => index % 5 > 0), validation: records.filter((_, index) => index % 5 === 0) };
  const metrics = ['genderAccuracy', 'genderLoss', 'ageLoss', 'ageMaeYears'] as const;
  return [
    ...metrics.flatMap((metric) => ([1, 2, 'joined'] as const).map((part) => metricFigure(history, metric, part, BASELINES))),
    comparisonFigure(
      [
        { name: 'in standard deviations', history },
        { name: 'in years', history: history.slice(0, 7) },
      ],
      'genderAccuracy',
    ),
    ageHistogram(records),
    genderBalance(records),
    raceBalance(records),
    genderAgainstAge(records),
    splitFigure(split),
    tailSplitFigure(records),
    predictedAgainstTrueAge(madeUpPoints(300)),
    errorByAgeBand(madeUpPoints(300), 33.1),
    multiplyAddsByLayer(madeUpLayers()),
  ];
}
