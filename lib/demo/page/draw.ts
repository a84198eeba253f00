/** How a face is marked on a picture and cut out of it. Sizes are in CSS pixels, whatever the size of the photo. */
import type { Box } from '../../faces/box';
import type { Square } from '../../images/photo';
import { PLACE_COLOURS } from '../../model/feature-map';

export type Context = CanvasRenderingContext2D;

/** What is looked at. Places in it are in pixels of the file, which the source may have fewer of. */
export interface Picture {
  readonly source: CanvasImageSource;
  readonly widthPx: number;
  readonly heightPx: number;
  /** As people know themselves, from mirrors: for what their own camera sees. */
  readonly mirrored: boolean;
}

/** What the places of the last feature map add to an answer, row by row. */
export type Places = ArrayLike<number>;

export function drawPicture(context: Context, { source, widthPx, heightPx }: Picture): void {
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, widthPx, heightPx);
}

/** In pixels of the picture: turns what lies in the frame grey, so that no skin looks like heat, and lays the places over it. */
export function drawHeat(context: Context, { x, y, sidePx, turn }: Square, places: Places, strength: number): void {
  const side = Math.sqrt(places.length);
  const most = Math.max(...Array.from(places, Math.abs)) || 1;
  const colours = Array.from(places).flatMap((value) => [
    ...(value < 0 ? PLACE_COLOURS.below0 : PLACE_COLOURS.above0),
    (230 * Math.abs(value)) / most,
  ]);
  const map = new OffscreenCanvas(side, side);
  map.getContext('2d')?.putImageData(new ImageData(Uint8ClampedArray.from(colours), side), 0, 0);
  context.save();
  context.translate(x, y);
  context.rotate(turn);
  context.globalAlpha = strength;
  context.globalCompositeOperation = 'saturation';
  context.fillStyle = '#808080';
  context.fillRect(-sidePx / 2, -sidePx / 2, sidePx, sidePx);
  context.globalCompositeOperation = 'source-over';
  context.imageSmoothingQuality = 'high';
  context.drawImage(map, -sidePx / 2, -sidePx / 2, sidePx, sidePx);
  context.restore();
}

/** The frame's content, upright, all over the canvas: what the model is shown. */
export function drawCut(context: Context, picture: Picture, { x, y, sidePx, turn }: Square, heat: (context: Context) => void): void {
  const { width } = context.canvas;
  context.save();
  context.fillStyle = '#888';
  context.fillRect(0, 0, width, width);
  context.translate(width / 2, width / 2);
  context.scale((picture.mirrored ? -width : width) / sidePx, width / sidePx);
  context.rotate(-turn);
  context.translate(-x, -y);
  drawPicture(context, picture);
  heat(context);
  context.restore();
}

const TEXT_PX = 15;
const FONT = `600 ${TEXT_PX}px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif`;

/** White between dark lines, which shows on any photo; above it the longest of the texts that has room. */
export function drawMark(context: Context, box: Box, texts: readonly string[]): void {
  const { x, y, width, height } = box;
  for (const [colour, line] of [
    ['#1b1b1b', 5],
    ['#fff', 2.5],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    context.roundRect(x, y, width, height, 6);
    context.stroke();
  }
  context.font = FONT;
  const widths = texts.map((text) => context.measureText(text).width + TEXT_PX);
  const fits = widths.findIndex((wide) => wide <= 1.2 * width);
  const at = fits < 0 ? texts.length - 1 : fits;
  const tall = 1.6 * TEXT_PX;
  const left = Math.max(0, Math.min(x, context.canvas.clientWidth - widths[at]));
  const top = Math.max(0, y - tall - 3);
  context.fillStyle = '#1b1b1b';
  context.beginPath();
  context.roundRect(left, top, widths[at], tall, 5);
  context.fill();
  context.fillStyle = '#fff';
  context.textBaseline = 'middle';
  context.fillText(texts[at], left + TEXT_PX / 2, top + tall / 2 + 1);
}
