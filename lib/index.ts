/** What the notebooks import: one list, in the order of the course. */

// 01 explore
export { GENDER_NAMES, RACE_NAMES } from './dataset/record';
export { findLeaks } from './dataset/split';
// 06 predict
export { scoreFaces, summarise } from './evaluation/evaluate';
// 02 build
export { describeLayers } from './model/describe';
export { buildNetwork, predictWith } from './notebook/network';
export { openRun, requireHistory } from './notebook/open-run';
export { faceGrid, faceGroups, labelText, sample } from './notebook/pictures';
export { faceCard, myImages, openTrainedModel, photoGrid, scoredGrid } from './notebook/predicting';
export { preprocessImage } from './notebook/preprocessing';
// 03 and 04 train
export { compareAgeScales, historyTable, trainHere } from './notebook/training';
export * from './report/dataset-figures';
export { percent, years } from './report/figure';
// 05 plot
export { metricFigure } from './report/history-figures';
export { noteHtml, tableHtml } from './report/html';
export { multiplyAddsByLayer } from './report/model-figures';
export { errorByAgeBand, predictedAgainstTrueAge } from './report/prediction-figures';
export { show } from './report/show';
export { readHistory } from './training/history';
export { trainableLayers } from './training/trainable';
