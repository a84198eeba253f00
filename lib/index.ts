/** What the notebooks import: one list, in the order of the course. */

// 4 train the whole network
export { compareAgeScales } from './course/age-scales';
export { augmentedFace } from './course/augmentation';
// 2 build the model
export { placeholders, recordTable, WatchedTape, walkTable } from './course/differentiation';
export { countNodes, gradientTable, nudged, openGraph } from './course/differentiation-run';
export { buildNetwork, predictWith, trainedParameters } from './course/network';
// every notebook
export { openRun, requireHistory } from './course/open-run';
export { faceGrid, faceGroups, labelText, sample } from './course/pictures';
export { byAgeError, faceCard, myImages, openTrainedModel, photoGrid, pointsOf, scoredGrid } from './course/predicting';
export { preprocessImage } from './course/preprocessing';
// 2 to 4 say what the run does
export { ageHeadText, objectiveText, recipeTable } from './course/recipe';
export { historyTable, layerTable, scoreTable } from './course/tables';
// 3 and 4 train, 5 plot
export { trainHere } from './course/training';
// 1 explore the data
export { findLeaks } from './data/split';
// 6 predict
export { scoreFaces, summarise } from './evaluate';
export * from './figures/dataset';
export { percent, years } from './figures/figure';
export { metricFigure } from './figures/history';
export { multiplyAddsByLayer } from './figures/model';
export { errorByAgeBand, predictedAgainstTrueAge } from './figures/prediction';
export { FLOAT } from './graph/builder';
export { biasAdd, matMul, relu6 } from './graph/operations';
// 2 build the model
export { describeLayers } from './model/layer-weights';
export { tableHtml } from './pages/html';
export { show } from './pages/show';
export { standardScale } from './training/metrics';
