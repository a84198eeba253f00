/**
 * Pictures in notebooks and reports. A photo of a real person is marked `data-photo`, so that a report made without faces
 * leaves exactly those out; drawn faces are marked otherwise and stay.
 */
import { years } from '../base/text';
import type { Box } from '../faces/box';
import { inPhoto, type Square } from '../images/photo';
import { ageText, genderText, type Prediction } from '../predict/answer';
import { escapeHtml } from './html';

/** An encoded picture: its bytes, or the same in base64. */
export type Picture = { readonly jpeg: Uint8Array | string } | { readonly png: Uint8Array | string };

export type ImageCell = Picture & {
  /** A line or more below the picture. */
  readonly caption: string;
  /** A real person is shown, so that a report without faces leaves the picture out. False for drawn faces. */
  readonly faces: boolean;
  /** An SVG that is laid over the picture. */
  readonly overlay?: string;
};

/** Pictures beside each other, as many as fit, each `widthPx` wide with its caption below. */
export function imageGridHtml(cells: readonly ImageCell[], widthPx = 112): string {
  const style = `display:grid;grid-template-columns:repeat(auto-fill,minmax(${widthPx}px,max-content));gap:12px;margin:1em 0`;
  return `<div class="image-grid" style="${style}">${cells.map((cell) => pictureHtml(cell, widthPx)).join('')}</div>`;
}

/** One picture with its caption, marked as a photo or as drawn. */
export function pictureHtml(cell: ImageCell, widthPx: number): string {
  const caption = cell.caption.split('\n').map(escapeHtml).join('<br>');
  const marks = cell.faces ? 'class="photo" data-photo' : 'class="drawn"';
  const alt = escapeHtml(cell.caption.replace(/\n/g, ', '));
  const picture = `<img src="${dataAddress(cell)}" alt="${alt}" width="${widthPx}" style="display:block;width:100%;height:auto;border-radius:4px">`;
  return [
    `<figure ${marks} style="margin:0;width:${widthPx}px;max-width:100%">`,
    cell.overlay === undefined ? picture : `<div style="position:relative">${picture}${cell.overlay}</div>`,
    caption ? `<figcaption style="font-size:.85em;line-height:1.35;margin-top:.3em;overflow-wrap:anywhere">${caption}</figcaption>` : '',
    '</figure>',
  ].join('');
}

/**
 * Faces of a photo as an overlay for it: each one's box in white, the frame that is cut out for the network in yellow dashes, and its number
 * from 1; all on black, so that they show on any photo. `shownPx` is how wide the photo is shown.
 */
export function faceMarksSvg(faces: readonly FaceMark[], { widthPx, heightPx }: Size, shownPx: number): string {
  const unit = widthPx / shownPx;
  const drawn = faces.map(({ box, frame }, index) => {
    const corners = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const; // prettier-ignore
    const square = `M${corners.map((corner) => inPhoto(frame, corner).map(Math.round).join(' ')).join('L')}Z`;
    const upright = `M${box.x} ${box.y}h${box.width}v${box.height}h${-box.width}Z`;
    const line = (path: string, dashes = '') =>
      `<path d="${path}" stroke="#000" stroke-width="5" stroke-opacity=".75"/><path d="${path}" ${dashes} stroke-width="2"/>`;
    const text = String(index + 1);
    const [width, height] = [unit * (10 * text.length + 8), unit * 20];
    const [x, y] = [clamp(box.x, widthPx - width), clamp(box.y - height, heightPx - height)];
    return [
      line(square, 'stroke="#f0e442" stroke-dasharray="7 5"'),
      line(upright, 'stroke="#fff"'),
      `<rect x="${x}" y="${y}" width="${width}" height="${height}"/>`,
      `<text x="${x + width / 2}" y="${y + 0.76 * height}" fill="#fff" font-size="${0.8 * height}" text-anchor="middle">${text}</text>`,
    ].join('');
  });
  const style = 'position:absolute;inset:0;width:100%;height:100%;overflow:hidden;font-family:sans-serif;font-weight:600';
  const still = drawn.join('').replaceAll('<path ', '<path fill="none" vector-effect="non-scaling-stroke" ');
  return `<svg aria-hidden="true" viewBox="0 0 ${widthPx} ${heightPx}" style="${style}">${still}</svg>`;
}

export interface FaceMark {
  readonly box: Box;
  readonly frame: Square;
}

/** Of the photo, in the pixels that its marks are told in. */
interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

/** Pictures of a face, the age and the gender that a model reads from it, and what a guess without looking says: its training side's median age. */
export function faceCardHtml(pictures: readonly ImageCell[], prediction: Prediction, medianAgeYears: number): string {
  const female = Math.round(100 * prediction.femaleProbability);
  const small = (text: string) => `<div style="font-size:.85em;opacity:.75;margin:.2em 0 .6em">${text}</div>`;
  const line = (name: string, value: string) =>
    `<div><span style="opacity:.75">${name}</span><br><strong style="font-size:1.5em">${value}</strong></div>`;
  return [
    '<div class="face-card" style="display:flex;flex-wrap:wrap;gap:20px;align-items:flex-start;margin:1em 0;break-inside:avoid">',
    ...pictures.map((picture) => pictureHtml(picture, 144)),
    '<div style="flex:1 1 15em;max-width:26em">',
    line('Age', ageText(prediction)),
    prediction.ageIntervalYears ? small("In brackets: where the age lies for four of five faces like the data set's") : '',
    line('Perceived gender', genderText(prediction.femaleProbability)),
    `<div role="img" aria-label="male ${100 - female} %, female ${female} %" style="margin-top:.4em">`,
    `<div style="display:flex;height:14px;border-radius:3px;overflow:hidden;background:#0072b2;-webkit-print-color-adjust:exact;print-color-adjust:exact"><span style="margin-left:auto;width:${female}%;background:#d55e00"></span></div>`,
    `<div style="display:flex;justify-content:space-between;font-size:.9em"><span>male ${100 - female} %</span><span>female ${female} %</span></div></div>`,
    small(`Without looking: ${years(medianAgeYears, 0)} for every face`),
    '</div></div>',
  ].join('');
}

function dataAddress(picture: Picture): string {
  const [type, bytes] = 'jpeg' in picture ? ['image/jpeg', picture.jpeg] : ['image/png', picture.png];
  return `data:${type};base64,${typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('base64')}`;
}
