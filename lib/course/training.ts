/** Training as the notebooks run it: the same sessions as `npm run train`, with progress and curves in the cell's output. */
import { notebookProgress } from '../base/progress';
import type { Figure } from '../figures/figure';
import { metricFigure } from '../figures/history';
import { liveFigures } from '../pages/show';
import { finishRun } from '../training/finish';
import type { TrainingGround } from '../training/ground';
import { type History, readHistory } from '../training/history';
import { interruptible } from '../training/interrupt';
import { trainSession } from '../training/session';
import { openTrainingRun, trainOnce } from '../training/train';
import type { CourseRun } from './open-run';

/**
 * Trains session 1 or 2 of the run and returns its epochs; after session 2 the run has its `model/` and `metrics.json`.
 * The session's curves stand below the cell and grow with every epoch.
 */
export async function trainHere(run: CourseRun, session: 1 | 2): Promise<History> {
  return withTraining(run, async (ground) => {
    const place = liveFigures();
    const draw = () => place(sessionFigures(run, session));
    const train = process.env.COURSE_RUN ? trainOnce : trainSession; // a walkthrough that goes on keeps what is finished
    const history = await interruptible((signal) => train(ground, session, { onProgress: notebookProgress(), onEpoch: draw, signal }));
    draw(); // also where the session was finished before
    if (session === 2) await finishRun(ground);
    return history;
  });
}

/** What is watched while a session trains: the error of age in years and the share of genders named correctly. */
function sessionFigures(run: CourseRun, session: 1 | 2): Figure[] {
  const history = readHistory(run);
  return (['ageMaeYears', 'genderAccuracy'] as const).map((metric) => metricFigure(history, metric, session, run.baselines));
}

/** Opens what training needs, gives it to `use`, and puts it away whatever happens. */
export async function withTraining<T>(run: CourseRun, use: (ground: TrainingGround) => Promise<T>): Promise<T> {
  const ground = await openTrainingRun(run, { onProgress: notebookProgress() });
  try {
    return await use(ground);
  } finally {
    ground.dispose();
  }
}
