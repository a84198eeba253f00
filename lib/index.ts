/** What the notebooks import: one list, in the order of the course. */

// 1 explore the data
export { findLeaks } from './dataset/split';
// 6 predict
export { scoreFaces, summarise } from './evaluation/evaluate';
// 2 build the model
export { describeLayers } from './model/describe';
export { FLOAT } from './model/graph/builder';
export { biasAdd, matMul, relu6 } from './model/graph/operations';
// 4 train the whole network
export { compareAgeScales } from './notebook/age-scales';
export { augmentedFace } from './notebook/augmentation';
// 2 build the model
export { placeholders, recordTable, WatchedTape, walkTable } from './notebook/differentiation';
export { countNodes, gradientTable, nudged, openGraph } from './notebook/differentiation-run';
export { buildNetwork, predictWith, trainedParameters } from './notebook/network';
// every notebook
export { openRun, requireHistory } from './notebook/open-run';
export { faceGrid, faceGroups, labelText, sample } from './notebook/pictures';
export { byAgeError, faceCard, myImages, openTrainedModel, photoGrid, pointsOf, scoredGrid } from './notebook/predicting';
export { preprocessImage } from './notebook/preprocessing';
// 2 to 4 say what the run does
export { ageHeadText, objectiveText, recipeTable } from './notebook/recipe';
export { historyTable, layerTable, scoreTable } from './notebook/tables';
// 3 and 4 train, 5 plot
export { trainHere } from './notebook/training';
export * from './report/dataset-figures';
export { percent, years } from './report/figure';
export { metricFigure } from './report/history-figures';
export { tableHtml } from './report/html';
export { multiplyAddsByLayer } from './report/model-figures';
export { errorByAgeBand, predictedAgainstTrueAge } from './report/prediction-figures';
export { show } from './report/show';
export { standardScale } from './training/metrics';
