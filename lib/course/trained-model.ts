/** Notebook 6: the trained model on the reader's own images and on faces of the run. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { notebookProgress } from '../base/progress';
import { projectPath } from '../base/project';
import { shuffled, streamFor } from '../base/random';
import type { Face } from '../data/record';
import { clusterOf } from '../data/split';
import { type Evaluation, type ScoredFace, scoreFaces, summarise, unseenBy } from '../evaluation/evaluate';
import { type GradCam, openGradCam } from '../evaluation/grad-cam';
import { decodeRgb } from '../images/decode';
import { listFiles } from '../images/find';
import type { ModelFacts } from '../model/model-folder';
import { type ImageCell, imageGridHtml } from '../pages/images';
import { orUnread } from '../predict/aligned';
import { describePrediction } from '../predict/answer';
import { openPredictor } from '../predict/open-predictor';
import type { Predictor } from '../predict/predictor';
import { type CoursePhoto, openCoursePhoto } from './course-photo';
import { type CourseRun, labelText } from './course-run';
import { openRemarks, worstMistakes } from './mistakes';
import { HEAT_LEGEND_HTML, heatStrip, hidingHtml, STRIP_PX } from './where-it-looks';

/** How wide photos stand in a grid. */
const ALBUM_PX = 280;

/** The caller disposes it. */
export class TrainedModel {
  /** What the model says of itself: the side of the square that it takes, and the constant answers of its training side. */
  readonly facts: ModelFacts;
  private cam?: Promise<GradCam>;

  constructor(
    private readonly run: CourseRun,
    private readonly folder: string,
    /** "the model of run demo-…", "the model that comes with the course". */
    readonly label: string,
    private readonly predictor: Predictor,
  ) {
    this.facts = predictor.facts;
  }

  /** A photo with its faces and what this model says of them. */
  photo(file: string): Promise<CoursePhoto> {
    return openCoursePhoto(this.predictor, file);
  }

  /** Several photos as a grid, each with its faces and what was said. */
  async album(files: readonly string[]): Promise<string> {
    const onProgress = notebookProgress();
    const cells: ImageCell[] = [];
    for (const file of files) {
      cells.push(await (await this.photo(file)).cell(ALBUM_PX));
      onProgress({ label: 'Looking for faces', done: cells.length, total: files.length, unit: 'photos' });
    }
    return imageGridHtml(cells, ALBUM_PX);
  }

  /** Its answers to the run's validation side, without faces that it learned from: another run's model may have. */
  async score(): Promise<ScoredFace[]> {
    const { catalog, split } = this.run;
    return scoreFaces(this.predictor, catalog, unseenBy(this.folder, split.validation), notebookProgress());
  }

  summarise(scored: readonly ScoredFace[]): Evaluation {
    return summarise(scored, this.folder, this.facts.baseline);
  }

  /** Scored faces as a grid: predicted above annotated, and below what `remarksOn` says of a face. */
  async scoredGrid(scored: readonly ScoredFace[], remarksOn: (face: Face) => readonly string[] = () => []): Promise<string> {
    const records = scored.map(({ record }) => record);
    return this.run.faceGrid(records, (record, index) => [captionOf(scored[index]), ...remarksOn(record)].join('\n'));
  }

  /** So many faces whose ages are furthest off, and so many given the other gender most surely, with what is known against their labels. */
  async worstMistakes(scored: readonly ScoredFace[], count = 12): Promise<string> {
    const remarksOn = openRemarks(this.run.catalog);
    const parts = Object.entries(worstMistakes(scored, count)).map(async ([question, faces]) => {
      const remarked = faces.filter(({ record }) => remarksOn(record).length > 0).length;
      const title = `The ${faces.length} worst by ${question}; of ${remarked} something is known against picture or label`;
      return `<div><strong>${title}</strong>${await this.scoredGrid(faces, remarksOn)}</div>`;
    });
    return (await Promise.all(parts)).join('');
  }

  /** Faces, each beside what in it speaks for which age and which gender. */
  async whereItLooks(scored: readonly ScoredFace[]): Promise<string> {
    const { cam, faces } = await this.gradCam(scored);
    const cells = faces.map(async (face, index): Promise<ImageCell> => {
      const { jpeg, caption } = await heatStrip(cam, face);
      return { jpeg, caption: `${captionOf(scored[index])}\n${caption}`, faces: !this.run.drawn };
    });
    return HEAT_LEGEND_HTML + imageGridHtml(await Promise.all(cells), STRIP_PX);
  }

  /** How far the answers to so many of the faces move where part of the picture is hidden, where the map points and elsewhere: tables. */
  async hideWhereItLooks(scored: readonly ScoredFace[], count = 150): Promise<string> {
    const random = streamFor(this.run.config.seed, 'hidden regions');
    const some = shuffled(scored, random).slice(0, count);
    const { cam, faces } = await this.gradCam(some);
    const clusters = some.map(({ record }) => record).map(clusterOf(this.run.catalog));
    return hidingHtml(cam, faces, clusters, random);
  }

  private async gradCam(scored: readonly ScoredFace[]): Promise<{ cam: GradCam; faces: Uint8Array[] }> {
    this.cam ??= openGradCam(this.folder);
    const cam = await this.cam;
    return { cam, faces: await Promise.all(scored.map(({ record }) => decodeRgb(this.run.fileOf(record), cam.sizePx))) };
  }

  dispose(): void {
    this.predictor.dispose();
    void this.cam?.then((cam) => cam.dispose());
  }
}

function captionOf({ record, prediction }: ScoredFace): string {
  return `${describePrediction(prediction)}\nannotated ${labelText(record)}`;
}

/**
 * The run's own model where session 2 is trained, else the one that comes with the course; the latter, too, for photos
 * where the run has only seen drawn faces.
 */
export async function openTrainedModel(run: CourseRun, what: 'photos' | 'faces of the run'): Promise<TrainedModel> {
  const own = path.join(run.folder, 'model');
  const useOwn = existsSync(own) && !(what === 'photos' && run.drawn);
  const folder = useOwn ? own : projectPath('data', 'model');
  const label = useOwn ? `the model of run ${run.name}` : 'the model that comes with the course';
  return new TrainedModel(run, folder, label, await openPredictor(folder));
}

/** Paths of the images in a folder that can be read, and a line for each file that cannot; one, too, where no image is left. */
export async function myImages(folder = projectPath('data', 'my image')): Promise<{ files: string[]; remarks: string[] }> {
  const [files, remarks]: [string[], string[]] = [[], []];
  for (const { file, problem } of existsSync(folder) ? listFiles(folder) : []) {
    if (path.basename(file).startsWith('.')) continue;
    const place = path.join(folder, file);
    const read = problem === undefined ? await orUnread(place, decodeRgb(place, 32)) : { error: `${problem}.` };
    if ('error' in read) remarks.push(`${file}: ${read.error}`);
    else files.push(place);
  }
  if (files.length === 0) {
    remarks.push(`No image to read in data/${path.basename(folder)}: put a photo of a face there (JPEG, PNG or WebP) and run this again.`);
  }
  return { files, remarks };
}
