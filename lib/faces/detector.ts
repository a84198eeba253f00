/**
 * BlazeFace (Bazarevsky et al. 2019, arXiv 1907.05047), its back-camera version: looks through square windows of a photo for
 * whatever may be a face, and names too much rather than too little.
 */
import { inPhoto, type Photo, type Point, type Square } from '../images/photo';
import { type Box, SAME_FACE, strongest } from './box';
import { frameOf } from './frame';
import { cutAll, type FaceNetwork, type NetworkOptions } from './network';

/** Something that may be a face. */
export interface Candidate {
  readonly box: Box;
  /** The detector's, 0 to 1. */
  readonly score: number;
  /** The box as a square, turned with the face. */
  readonly square: Square;
}

const SIZE_PX = 256;
/** Its cells: so many along each side, and so many boxes in each, around the cell's centre. */
const GRIDS = [
  { cells: 16, boxes: 2 },
  { cells: 8, boxes: 6 },
] as const;
/** Of a box: its centre, width and height, then six points; in pixels, centre and points from the cell's centre. */
const VALUES = 16;
/** Where among them the eyes and the mouth begin. */
const LANDMARKS: readonly number[] = [4, 6, 10];

export const DETECTOR: NetworkOptions = {
  file: 'blazeface',
  sizePx: SIZE_PX,
  scale: 1 / 127.5,
  shift: -1,
  outputs: Object.fromEntries(
    GRIDS.flatMap(({ cells, boxes }) => [
      [`scores${cells}`, cells ** 2 * boxes],
      [`boxes${cells}`, cells ** 2 * boxes * VALUES],
    ]),
  ),
};

/** What scores at least `least` in any of the windows, each thing once. */
export async function detect(network: FaceNetwork, photo: Photo, windows: readonly Square[], least: number): Promise<readonly Candidate[]> {
  if (windows.length === 0) return [];
  const outputs = await network.run(cutAll(photo, windows, SIZE_PX));
  const found = GRIDS.flatMap(({ cells, boxes }) => {
    const [scores, values] = [outputs[`scores${cells}`], outputs[`boxes${cells}`]];
    const perWindow = cells ** 2 * boxes;
    return [...scores.keys()].flatMap((index) => {
      const score = 1 / (1 + Math.exp(-scores[index]));
      if (score < least) return [];
      const cell = Math.floor((index % perWindow) / boxes);
      const centre: Point = [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
      return [candidate(windows[Math.floor(index / perWindow)], centre, values.subarray(index * VALUES, (index + 1) * VALUES), score)];
    });
  });
  return strongest(found, SAME_FACE);
}

function candidate(window: Square, [u, v]: Point, values: Float32Array, score: number): Candidate {
  const pointAt = (index: number) => inPhoto(window, [u + values[index] / SIZE_PX, v + values[index + 1] / SIZE_PX]);
  const [x, y] = pointAt(0);
  const [width, height] = [(values[2] / SIZE_PX) * window.sidePx, (values[3] / SIZE_PX) * window.sidePx];
  const { turn } = frameOf(LANDMARKS.map(pointAt));
  const square = { x, y, sidePx: Math.max(width, height), turn };
  return { box: { x: x - width / 2, y: y - height / 2, width, height }, score, square };
}
