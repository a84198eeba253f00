/** What the settings cell of every notebook opens: the run, with its faces as pictures and its epochs as a table and curves. */
import path from 'node:path';
import sharp from 'sharp';
import { InputError } from '../base/errors';
import { insideNotebook, notebookProgress, type ProgressListener } from '../base/progress';
import { shuffled, streamFor } from '../base/random';
import { grouped } from '../base/text';
import { type Config, type Settings, sameConfig } from '../config';
import { type Catalog, type Face, type FaceRecord, GENDER_NAMES, type Split } from '../data/record';
import type { Figure } from '../figures/figure';
import { metricFigure, type PlottedMetric } from '../figures/history';
import type { Pretrained } from '../model/pretrained';
import { escapeHtml, noteHtml, tableHtml } from '../pages/html';
import { type ImageCell, imageGridHtml } from '../pages/images';
import { markFigures, show, showPlotlyLibrary } from '../pages/show';
import { resolveConfig } from '../presets';
import { openRunData, type RunData, startRun } from '../run/data';
import { newestRun, openRunFolder } from '../run/run';
import { type Baselines, type History, readHistory } from '../training/history';
import { type AgeScale, ageScaleOf, baselinesOf } from '../training/metrics';
import { recipeTable, runNotes } from './recipe';
import { historyTable } from './tables';

/** A run with its faces at hand. */
export class CourseRun implements RunData {
  readonly name: string;
  readonly folder: string;
  readonly config: Config;
  readonly catalog: Catalog;
  readonly split: Split;
  /** The base's first weights. */
  readonly pretrained: Pretrained;
  /** Whether the faces are drawn by a program: figures and pages say so. */
  readonly drawn: boolean;
  /** The unit that the run learns ages in. */
  readonly scale: AgeScale;
  readonly baselines: Baselines;

  constructor(run: RunData) {
    [this.name, this.folder, this.config] = [run.name, run.folder, run.config];
    [this.catalog, this.split, this.pretrained] = [run.catalog, run.split, run.pretrained];
    this.drawn = run.catalog.source.kind === 'drawn';
    this.scale = ageScaleOf(run.config.ageScale, run.split.training);
    this.baselines = baselinesOf(run.split.training, run.split.validation, this.scale);
  }

  /** So many items drawn at random, the same for the same seed and purpose. */
  sample<T>(items: readonly T[], count: number, purpose: string): T[] {
    return shuffled(items, streamFor(this.config.seed, purpose)).slice(0, count);
  }

  /** The path of a face's image. */
  fileOf({ file }: Pick<FaceRecord, 'file'>): string {
    return path.join(this.catalog.source.folder, file);
  }

  /** A grid of faces with their labels below, or with the caption that `captionOf` makes. */
  async faceGrid(records: readonly Face[], captionOf: (record: Face, index: number) => string = labelText): Promise<string> {
    const cells = records.map(async (record, index): Promise<ImageCell> => {
      const picture = sharp(this.fileOf(record)).autoOrient().resize({ width: 224, withoutEnlargement: true }); // enough for a dense screen
      return { jpeg: await picture.jpeg({ quality: 85 }).toBuffer(), caption: captionOf(record, index), faces: !this.drawn };
    });
    return imageGridHtml(await Promise.all(cells));
  }

  /** Groups of faces that belong together, one row of pictures each, under a line that says why. */
  async faceGroups(groups: readonly { readonly title: string; readonly records: readonly Face[] }[]): Promise<string> {
    const rows = groups.map(async ({ title, records }) => {
      const grid = await this.faceGrid(records, (record) => `${labelText(record)}\n${path.basename(record.file)}`);
      return `<div><strong>${escapeHtml(title)}</strong>${grid}</div>`;
    });
    return (await Promise.all(rows)).join('');
  }

  /** What a session does, as a table. */
  recipe(session: 1 | 2): string {
    return recipeTable(this, session);
  }

  /** The epochs so far. Throws an InputError, naming the notebook that makes them, where there are none. */
  history(): History {
    const history = readHistory(this);
    if (history.length > 0) return history;
    throw new InputError(`${this.folder}: no history.json yet. Run notebooks/03-train-session-1.ipynb first (or npm run walkthrough).`);
  }

  historyTable(epochs: History): string {
    return historyTable(epochs, this.config.ageScale);
  }

  /** One metric's curves so far, of a session or of both joined, beside the answer without looking. */
  curves(metric: PlottedMetric, part: 1 | 2 | 'joined'): Figure {
    return metricFigure(readHistory(this), metric, part, this.baselines, this.config.ageScale);
  }
}

/**
 * Opens the run that the walkthrough names in COURSE_RUN. By hand: with settings, the newest run made by them, or a new
 * one; without, the newest run of all. Throws an InputError where a notebook after the first finds no run.
 */
export async function openRun(settings?: Settings): Promise<CourseRun> {
  if (insideNotebook()) showPlotlyLibrary();
  const opened = new CourseRun(await chooseRun(settings, notebookProgress()));
  if (insideNotebook()) {
    markFigures(opened.drawn ? 'drawn faces' : undefined);
    show(bannerHtml(opened));
  }
  return opened;
}

/** "34 years, female", "1 year, male". */
export function labelText({ ageYears, gender }: Pick<Face, 'ageYears' | 'gender'>): string {
  if (ageYears === undefined) return `age unknown, ${GENDER_NAMES[gender]}`;
  return `${ageYears} year${ageYears === 1 ? '' : 's'}, ${GENDER_NAMES[gender]}`;
}

async function chooseRun(settings: Settings | undefined, onProgress: ProgressListener): Promise<RunData> {
  const named = process.env.COURSE_RUN;
  if (named) return openRunData(openRunFolder(named), onProgress);
  const newest = newestRun();
  if (settings === undefined) {
    if (newest) return openRunData(newest, onProgress);
    throw new InputError('No run yet in outputs/. Run notebooks/01-explore-data.ipynb first (or npm run walkthrough).');
  }
  const same = newest && sameConfig(newest.config, resolveConfig(settings));
  return same ? openRunData(newest, onProgress) : startRun(settings, undefined, onProgress);
}

function bannerHtml({ name, config, catalog, split, pretrained, drawn }: CourseRun): string {
  const { source, counts } = catalog;
  const rows = [
    ['run', name],
    ['preset', `${config.preset}, seed ${config.seed}, images of ${config.imageSizePx} x ${config.imageSizePx} px`],
    ['faces', `${source.label}: ${grouped(counts.files)} files`],
    ['split', `${grouped(split.training.length)} to learn from, ${grouped(split.validation.length)} to be judged by`],
    ['base', pretrained.label],
  ];
  const notes = runNotes(drawn, pretrained.kind, split.validation).map(noteHtml);
  return tableHtml(['', 'This notebook works on'], rows) + notes.join('');
}
