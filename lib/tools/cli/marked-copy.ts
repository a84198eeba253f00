/** A copy of a photo with a box around each face and what was answered below it. */
import path from 'node:path';
import { writeFileAtomically } from '../../base/files';
import { type Box, overlap } from '../../faces/box';
import { imageOf, openPhoto } from '../../images/decode';
import { escapeHtml } from '../../pages/html';
import { ageText, genderText } from '../../predict/answer';
import type { FaceRow, PhotoRow } from '../../predict/row';

/** Longer sides of copies: of large photos no more, of small ones so much that texts can be read. */
const LONGEST_PX = 4096;
const SHORTEST_PX = 400;
/** Of the height of a letter, what it is wide and a line is high, with some room. */
const LETTER_WIDTH = 0.62;
const LINE_HEIGHT = 1.3;

/** Any other ending makes it a JPEG. */
const FORMATS = ['png', 'webp', 'avif', 'gif', 'tiff'] as const;

/** Writes the copy, in the format that the ending of `target` says. Throws an InputError where the photo or the disk is to blame. */
export async function writeMarkedCopy(file: string, { faces }: PhotoRow, target: string): Promise<void> {
  const [{ widthPx, heightPx, pixels, zoom: read }] = (await openPhoto(file)).levels;
  const longer = Math.max(widthPx, heightPx);
  const zoom = Math.min(LONGEST_PX / longer, Math.max(1, Math.floor(SHORTEST_PX / longer)));
  const [width, height] = [widthPx, heightPx].map((side) => Math.max(1, Math.round(side * zoom)));
  const marks = Buffer.from(marksSvg(faces, width, height, read * zoom));
  const ending = path.extname(target).slice(1).toLowerCase().replace(/^tif$/, 'tiff');
  const copy = await imageOf(pixels, widthPx, heightPx)
    .resize(width, height, { fit: 'fill' })
    .composite([{ input: marks }])
    .toFormat(FORMATS.find((format) => format === ending) ?? 'jpeg', { quality: 90 })
    .toBuffer();
  await writeFileAtomically(target, copy);
}

/** White on black, so that it shows on any photo; no label lies over another. `scale` is pixels of the drawing for each of the file. */
export function marksSvg(faces: readonly FaceRow[], widthPx: number, heightPx: number, scale: number): string {
  const labels: Box[] = [];
  const drawn = faces.map((face) => {
    const [x, y, width, height] = [face.box.x, face.box.y, face.box.width, face.box.height].map((value) => value * scale);
    const lines = [ageText(face), genderText(face.gender.female)];
    const letters = LETTER_WIDTH * Math.max(...lines.map((line) => line.length));
    const letterPx = Math.min(Math.max(12, widthPx / 90, width / 12), widthPx / letters);
    const size = { width: letters * letterPx, height: lines.length * LINE_HEIGHT * letterPx };
    const label = placed({ x: Math.min(Math.max(0, x), widthPx - size.width), y: y + height, ...size }, labels, heightPx);
    labels.push(label);
    const texts = lines.map((line, index) => {
      const baseline = label.y + (index + 0.78) * LINE_HEIGHT * letterPx;
      return `<text x="${label.x + 0.3 * letterPx}" y="${baseline}">${escapeHtml(line)}</text>`;
    });
    const frame = (colour: string, stroke: number) =>
      rect({ x, y, width, height }, `fill="none" stroke="${colour}" stroke-width="${stroke}"`);
    return {
      frame: frame('#000', letterPx / 2.5) + frame('#fff', letterPx / 7),
      label: `${rect(label, 'fill-opacity="0.75"')}<g font-family="sans-serif" font-size="${letterPx}" fill="#fff">${texts.join('')}</g>`,
    };
  });
  const marks = [...drawn.map(({ frame }) => frame), ...drawn.map(({ label }) => label)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">${marks.join('')}</svg>`;
}

function rect({ x, y, width, height }: Box, style: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" ${style}/>`;
}

/** As low as it was meant, or below those that lie there already; within the drawing. */
function placed(label: Box, others: readonly Box[], heightPx: number): Box {
  const inside = { ...label, y: Math.max(0, Math.min(label.y, heightPx - label.height)) };
  const under = others.find((other) => overlap(other, inside) > 0);
  const lower = under && { ...label, y: under.y + under.height };
  return lower && lower.y + lower.height <= heightPx ? placed(lower, others, heightPx) : inside;
}
