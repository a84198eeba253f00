/** What the settings cell of every notebook calls: finds or makes the run, opens its data, and says what it is looking at. */

import { InputError } from '../base/errors';
import { insideNotebook, notebookProgress } from '../base/progress';
import { sameConfig } from '../config/config';
import { resolveConfig, type Settings } from '../config/settings';
import { noteHtml, tableHtml } from '../pages/html';
import { BUNDLED_NOTE, DRAWN_NOTE } from '../pages/index-page';
import { markFigures, show, showPlotlyLibrary } from '../pages/show';
import { openRunData, type RunData } from '../run/data';
import { createRun, newestRun, openRunFolder, type Run } from '../run/run';
import { type Baselines, type History, readHistory } from '../training/history';
import { type AgeScale, ageScaleOf, baselinesOf } from '../training/metrics';

/** A run with its faces at hand. */
export interface CourseRun extends Run, RunData {
  /** Whether the faces are drawn by a program: figures and pages say so. */
  readonly drawn: boolean;
  readonly scale: AgeScale;
  readonly baselines: Baselines;
}

/**
 * Opens the run that the walkthrough names in COURSE_RUN. By hand: with settings, the newest run made by them, or a new
 * one; without, the newest run of all. Throws an InputError where a notebook after the first finds no run.
 */
export async function openRun(settings?: Settings): Promise<CourseRun> {
  if (insideNotebook()) showPlotlyLibrary();
  const run = await chooseRun(settings);
  const data = await openRunData(run, { onProgress: notebookProgress() });
  const { training, validation } = data.split;
  const scale = ageScaleOf(run.config.ageScale, training);
  const opened = {
    ...run,
    ...data,
    drawn: data.catalog.source.kind === 'drawn',
    scale,
    baselines: baselinesOf(training, validation, scale),
  };
  if (insideNotebook()) {
    markFigures(opened.drawn ? 'drawn faces' : undefined);
    show(bannerHtml(opened));
  }
  return opened;
}

/** The run's epochs. Throws an InputError, naming the notebook that makes them, where there are none. */
export function requireHistory(run: Run): History {
  const history = readHistory(run);
  if (history.length > 0) return history;
  throw new InputError(`${run.folder}: no history.json yet. Run notebooks/03-train-session-1.ipynb first (or npm run walkthrough).`);
}

async function chooseRun(settings?: Settings): Promise<Run> {
  const named = process.env.COURSE_RUN;
  if (named) return openRunFolder(named);
  const newest = newestRun();
  if (settings === undefined) {
    if (newest) return newest;
    throw new InputError('No run yet in outputs/. Run notebooks/01-explore-data.ipynb first (or npm run walkthrough).');
  }
  return newest && sameConfig(newest.config, resolveConfig(settings)) ? newest : createRun(settings);
}

function bannerHtml({ name, config, catalog, split, pretrained, drawn }: CourseRun): string {
  const { source, counts } = catalog;
  const faces = `${source.label}: ${counts.files.toLocaleString('en-US')} files`;
  const sides = `${split.training.length.toLocaleString('en-US')} to learn from, ${split.validation.length.toLocaleString('en-US')} to be judged by`;
  const rows = [
    ['run', name],
    ['preset', `${config.preset}, seed ${config.seed}, images of ${config.imageSizePx} x ${config.imageSizePx} px`],
    ['faces', faces],
    ['split', sides],
    ['base', pretrained.label],
  ];
  const notes = [...(drawn ? [DRAWN_NOTE] : []), ...(pretrained.kind === 'bundled' ? [BUNDLED_NOTE] : [])];
  return tableHtml(['', 'This notebook works on'], rows) + notes.map(noteHtml).join('');
}
