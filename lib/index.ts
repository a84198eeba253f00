/**
 * What the notebooks import, in the order of the course.
 *
 * - In every notebook: `openRun` gives the run, whose methods show its faces, its epochs and its curves; `show` shows; `checked` looks at the answer to an exercise.
 * - 1 explore the data: figures of the data set, and the search for leaks between the sides of its split.
 * - 2 build the model: an image becomes numbers, the network layer by layer, and a tape on which gradients are written.
 * - 3 and 4 train: a session, the unit of age, augmentation.
 * - 5 plot the history: the run's own curves.
 * - 6 predict: the trained model on photos and on the validation side.
 * - 7 evaluate: how wrong, for whom, how sure, and where it looks.
 *
 * Programs of your own begin at the end: `openPredictor`, `predictFiles` and `describePrediction` need no notebook and no run.
 */
export { openRun } from './course/course-run';
export { show } from './pages/show';
export { tableHtml } from './pages/html';
export { checked } from './course/exercise';
export { percent, years } from './base/text';

export { ageHistogram, genderAgainstAge, genderBalance, raceBalance, splitFigure, tailSplitFigure } from './figures/dataset';
export { findLeaks } from './data/split';

export { preprocessImage } from './course/pictures';
export { buildNetwork } from './course/network';
export { layerTable } from './course/tables';
export { multiplyAddsByLayer } from './figures/model';
export { ageHeadText, objectiveText } from './course/recipe';
export { standardScale } from './training/metrics';
export { labelText } from './course/course-run';
export { gradientTable, nudged, WatchedTape } from './course/watched-tape';
export { biasAdd, matMul, relu6 } from './graph/operations';
export { FLOAT } from './graph/builder';

export { trainHere } from './course/training';
export { scoreTable } from './course/tables';
export { compareAgeScales } from './course/training';
export { augmentedFace } from './course/pictures';

export { myImages, openTrainedModel } from './course/trained-model';
export { byAgeError } from './evaluation/evaluate';

export { openEvaluation } from './course/course-evaluation';
export { leakageTable } from './course/leakage';

export { describePrediction } from './predict/answer';
export { openPredictor } from './predict/open-predictor';
export { predictFiles } from './predict/predict-files';
