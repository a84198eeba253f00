/**
 * Pictures in notebooks and reports. A photo of a real person is marked `data-photo`, so that a report made without faces
 * leaves exactly those out; drawn faces are marked otherwise and stay.
 */
import { years } from '../base/text';
import { GENDER_NAMES, genderOf } from '../data/record';
import { ageText, type Prediction } from '../predict/predictor';
import { escapeHtml } from './html';

/** An encoded picture: its bytes, or the same in base64. */
export type Picture = { readonly jpeg: Uint8Array | string } | { readonly png: Uint8Array | string };

export type ImageCell = Picture & {
  /** A line or more below the picture. */
  readonly caption: string;
  /** A real person is shown, so that a report without faces leaves the picture out. False for drawn faces. */
  readonly faces: boolean;
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
  return [
    `<figure ${marks} style="margin:0;width:${widthPx}px">`,
    `<img src="${dataAddress(cell)}" alt="${alt}" width="${widthPx}" style="display:block;width:100%;height:auto;border-radius:4px">`,
    caption ? `<figcaption style="font-size:.85em;line-height:1.35;margin-top:.3em;overflow-wrap:anywhere">${caption}</figcaption>` : '',
    '</figure>',
  ].join('');
}

/** A face with the age and the gender that a model reads from it, and what a guess without looking says: its training side's median age. */
export function faceCardHtml(picture: ImageCell, prediction: Prediction, medianAgeYears: number): string {
  const female = Math.round(100 * prediction.femaleProbability);
  const line = (name: string, value: string) =>
    `<div style="margin-bottom:.5em"><span style="opacity:.75">${name}</span><br><strong style="font-size:1.5em">${value}</strong></div>`;
  return [
    '<div class="face-card" style="display:flex;flex-wrap:wrap;gap:20px;align-items:center;margin:1em 0">',
    pictureHtml(picture, 168),
    '<div style="flex:1 1 15em;max-width:26em">',
    line('Age', ageText(prediction)),
    line('Perceived gender', GENDER_NAMES[genderOf(prediction.femaleProbability)]),
    `<div role="img" aria-label="male ${100 - female} %, female ${female} %">`,
    `<div style="display:flex;height:14px;border-radius:3px;overflow:hidden;background:#0072b2"><span style="margin-left:auto;width:${female}%;background:#d55e00"></span></div>`,
    `<div style="display:flex;justify-content:space-between;font-size:.9em"><span>male ${100 - female} %</span><span>female ${female} %</span></div></div>`,
    `<div style="font-size:.85em;opacity:.75;margin-top:.6em">Without looking: ${years(medianAgeYears, 0)} for every face</div>`,
    '</div></div>',
  ].join('');
}

function dataAddress(picture: Picture): string {
  const [type, bytes] = 'jpeg' in picture ? ['image/jpeg', picture.jpeg] : ['image/png', picture.png];
  return `data:${type};base64,${typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('base64')}`;
}
