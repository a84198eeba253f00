/** Notebook 6: a whole photo, the faces that were found in it, and what the network says of them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectPath } from '../base/project';
import { frameFace } from '../faces/crop';
import type { Figure } from '../figures/figure';
import { frameSensitivityFigure } from '../figures/frames';
import { imageOf, openPhoto } from '../images/decode';
import { cut, type Photo, type Square } from '../images/photo';
import { noteHtml } from '../pages/html';
import { faceCardHtml, faceMarksSvg, type ImageCell, imageGridHtml, pictureHtml } from '../pages/images';
import { ageText, describePrediction, type Prediction } from '../predict/answer';
import type { FacePrediction, PhotoPrediction, Predictor } from '../predict/predictor';
import { FRAME_CHANGES } from './frame-changes';
import { CAMERAS, type Changes, changedPhotos, HARDER } from './harder';
import { pngOf } from './pictures';

const NO_FACE = 'no face found, so no age';
/** How wide a photo stands alone, and how many pixels are kept of it for dense screens. */
const SHOWN_PX = 560;
const KEPT_PX = 2 * SHOWN_PX;
const GRID_PX = 160;
const WIDE_PX = 256;
/** What is shown around a face, in sides of its frame. */
const AROUND = 2.6;

/** Photos that a reader puts there count as photos of people: reports without faces leave them out. */
export class CoursePhoto {
  constructor(
    private readonly predictor: Predictor,
    private readonly photo: Photo,
    /** The faces from left to right, and how they were found. */
    readonly prediction: PhotoPrediction,
  ) {}

  /** The photo with each face's box, frame and number, and the answers below. */
  async withFaces(): Promise<string> {
    return pictureHtml(await this.cell(SHOWN_PX), SHOWN_PX);
  }

  /** The same as a cell of a grid of photos that are shown so wide. */
  async cell(shownPx: number): Promise<ImageCell> {
    const { faces, file } = this.prediction;
    const answers = faces.map((face, index) => `${index + 1}: ${describePrediction(face)}`);
    const caption = [path.basename(file), ...(faces.length > 0 ? answers : [NO_FACE])].join('\n');
    const jpeg = await jpegOf(this.photo, 2 * shownPx);
    return { jpeg, caption, faces: true, overlay: faceMarksSvg(faces, this.photo, shownPx) };
  }

  /** For each face what the network sees, beside the mean of the faces that it has learned from, and its answer. */
  async cards(): Promise<string> {
    const { facts } = this.predictor;
    const mean: ImageCell = {
      jpeg: readFileSync(projectPath('data', 'model', 'mean-face.jpg')),
      caption: 'the mean of the faces that the network learned from',
      faces: true, // it is made of photos, and is of no use where the crop beside it is left out
    };
    const cards = this.prediction.faces.map(async (face, index) => {
      const seen = await this.crop(face.frame, `face ${index + 1}, as the network sees it`);
      return faceCardHtml([seen, mean], face, facts.baseline.medianAgeYears);
    });
    return cards.length > 0 ? (await Promise.all(cards)).join('') : noteHtml(NO_FACE);
  }

  /** The widest face's age while its frame is shifted, turned, tightened and loosened. */
  async frameSensitivity(): Promise<Figure | string> {
    const face = this.widest();
    if (!face) return noteHtml(NO_FACE);
    const curves = FRAME_CHANGES.map(async ({ changed, ...change }) => {
      const answers = await this.look(change.amounts.map((amount) => changed(face.frame, amount)));
      return { ...change, agesYears: answers.map(({ ageYears }) => ageYears) };
    });
    return frameSensitivityFigure(await Promise.all(curves), face.ageYears);
  }

  /** What the network sees of the widest face where its frame is changed, and the age that it reads then. */
  async changedFrames(): Promise<string> {
    const face = this.widest();
    if (!face) return noteHtml(NO_FACE);
    const changes = FRAME_CHANGES.flatMap(({ title, unit, amounts, changed }) =>
      [amounts[2], amounts[amounts.length - 3]].map((amount) => ({
        title: `${title.toLowerCase()}: ${amount > 0 ? '+' : '−'}${Math.abs(amount)} ${unit}`,
        frame: changed(face.frame, amount),
      })),
    );
    const all = [{ title: 'as it was found', frame: face.frame }, ...changes];
    const answers = await this.look(all.map(({ frame }) => frame));
    const cells = all.map(({ title, frame }, index) => this.crop(frame, `${title}\n${ageText(answers[index])}`));
    return imageGridHtml(await Promise.all(cells), GRID_PX);
  }

  /** The answer to the photo as a whole, squared, as if it were a face: beside the answers to the widest face, and to a bare wall. */
  async asAWhole(): Promise<string> {
    const { widthPx, heightPx } = this.photo;
    const { sizePx } = this.predictor.facts;
    const whole = { x: widthPx / 2, y: heightPx / 2, sidePx: Math.min(widthPx, heightPx), turn: 0 };
    const wall = new Uint8Array(3 * sizePx ** 2).fill(170);
    const [face, [wholeAnswer], [wallAnswer]] = [this.widest(), await this.look([whole]), await this.predictor.predictPixels(wall)];
    const cells = [await this.crop(whole, `the middle of the photo\n${describePrediction(wholeAnswer)}`)];
    if (face) cells.unshift(await this.crop(face.frame, `the face\n${describePrediction(face)}`));
    cells.push({ png: await pngOf(wall, sizePx), caption: `a bare wall\n${describePrediction(wallAnswer)}`, faces: true });
    return imageGridHtml(cells, WIDE_PX);
  }

  /** The part around the widest face as other cameras would have taken and saved it, each with what is found and said. */
  cameras(): Promise<string> {
    return this.changed(CAMERAS);
  }

  /** The same made harder in several ways. */
  harder(): Promise<string> {
    return this.changed(HARDER);
  }

  private async changed(changes: Changes): Promise<string> {
    const face = this.widest();
    if (!face) return noteHtml(NO_FACE);
    const around = { x: face.frame.x, y: face.frame.y, sidePx: AROUND * face.frame.sidePx, turn: 0 };
    const sizePx = Math.min(KEPT_PX, Math.round(around.sidePx));
    const part = await pngOf(cut(this.photo, around, sizePx), sizePx);
    const inner = { x: 0.5 * (sizePx - sizePx / AROUND), width: sizePx / AROUND };
    const cells: ImageCell[] = [];
    for (const [file, bytes] of Object.entries(await changedPhotos(part, { ...inner, y: inner.x, height: inner.width }, changes))) {
      const prediction = { file, ...(await this.predictor.predictImage(bytes)) };
      cells.push(await new CoursePhoto(this.predictor, await openPhoto(bytes), prediction).cell(GRID_PX));
    }
    return imageGridHtml(cells, GRID_PX);
  }

  private widest(): FacePrediction | undefined {
    return [...this.prediction.faces].sort((a, b) => b.box.width - a.box.width)[0];
  }

  /** What the network says at one look at each of the frames. */
  private async look(frames: readonly Square[]): Promise<Prediction[]> {
    const { sizePx } = this.predictor.facts;
    return this.predictor.predictPixels(Buffer.concat(await Promise.all(frames.map((frame) => frameFace(this.photo, frame, sizePx)))));
  }

  /** A frame's content, as the network takes it. */
  private async crop(frame: Square, caption: string): Promise<ImageCell> {
    const { sizePx } = this.predictor.facts;
    return { png: await pngOf(await frameFace(this.photo, frame, sizePx), sizePx), caption, faces: true };
  }
}

/** Looks for faces in a photo and predicts each. Throws an InputError for a file that is no image. */
export async function openCoursePhoto(predictor: Predictor, file: string): Promise<CoursePhoto> {
  return new CoursePhoto(predictor, await openPhoto(file), { file, ...(await predictor.predictImage(file)) });
}

/** As a JPEG of which the longer side has no more pixels than that. */
function jpegOf({ widthPx, heightPx, levels: [level] }: Photo, mostPx: number): Promise<Buffer> {
  const scale = Math.min(level.zoom, mostPx / Math.max(widthPx, heightPx));
  const whole = imageOf(level.pixels, level.widthPx, level.heightPx);
  return whole
    .resize(Math.max(1, Math.round(scale * widthPx)))
    .jpeg({ quality: 85 })
    .toBuffer();
}
