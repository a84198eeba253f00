/** What detectors are measured by: how many faces they find, what they take for one, how steadily they place landmarks, how long it takes. */
import { median } from '../../lib/data/bands';
import { frameOf } from '../../lib/faces/frame';
import type { Point } from '../../lib/images/photo';
import { GROUP_PHOTOS } from '../photos';
import type { Detector, SeenFace } from './detector';

export interface Picture {
  readonly file: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The face whose frame is nearest to the middle of a picture, if it is within 20 % of the picture's shorter side. */
export async function centralFace(detector: Detector, { file, widthPx, heightPx }: Picture): Promise<SeenFace | undefined> {
  const sidePx = Math.min(widthPx, heightPx);
  const apart = ({ landmarks }: SeenFace) => {
    const { x, y } = frameOf(landmarks);
    return Math.hypot(x - widthPx / 2, y - heightPx / 2) / sidePx;
  };
  const [nearest] = (await detector.detect(file)).map((face) => ({ face, apart: apart(face) })).sort((a, b) => a.apart - b.apart);
  return nearest && nearest.apart <= 0.2 ? nearest.face : undefined;
}

/** How many faces of the group photos are found, each once, and how often something else is taken for one. */
export async function inGroups(detector: Detector): Promise<{ readonly found: number; readonly invented: number }> {
  let [found, invented] = [0, 0];
  for (const { file, faces } of GROUP_PHOTOS) {
    const seen = (await detector.detect(file)).map(({ landmarks }) => frameOf(landmarks));
    const hits = faces.filter(([fx, fy]) => seen.some(({ x, y, sidePx }) => Math.hypot(x - fx, y - fy) < 0.25 * sidePx)).length;
    found += hits;
    invented += seen.length - hits;
  }
  return { found, invented };
}

export interface Spread {
  /** In parts of the picture's side, mean of both directions; of its side; in degrees: standard deviations, as 1.48 median deviations. */
  readonly shift: number;
  readonly scale: number;
  readonly turnDegrees: number;
}

/**
 * How the frames differ that landmarks give to pictures which are framed alike, so that the true frame is the picture: landmarks
 * are in parts of the picture's side, and what they are held against is their own mean.
 */
export function spreadOf(landmarks: readonly (readonly Point[])[]): Spread {
  const template = landmarks[0].map((_, index): Point => [meanOf(landmarks, index, 0), meanOf(landmarks, index, 1)]);
  const frames = landmarks.map((points) => frameOf(points, template));
  const spread = (values: readonly number[]) => {
    const middle = median(values);
    return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  };
  return {
    shift: (spread(frames.map(({ x }) => x)) + spread(frames.map(({ y }) => y))) / 2,
    scale: spread(frames.map(({ sidePx }) => sidePx)),
    turnDegrees: (180 / Math.PI) * spread(frames.map(({ turn }) => turn)),
  };
}

function meanOf(landmarks: readonly (readonly Point[])[], index: number, axis: 0 | 1): number {
  return landmarks.reduce((sum, points) => sum + points[index][axis], 0) / landmarks.length;
}

/** Milliseconds a group photo, from the file to the faces: each detector's median of so many rounds in which all take turns. */
export async function timed(detectors: readonly Detector[], rounds: number): Promise<readonly number[]> {
  const times = detectors.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, detector] of detectors.entries()) {
      const start = performance.now();
      for (const { file } of GROUP_PHOTOS) await detector.detect(file);
      times[index].push((performance.now() - start) / GROUP_PHOTOS.length);
    }
  }
  return times.map((values) => median(values));
}
