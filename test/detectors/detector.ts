/** What is compared: anything that names the faces of a photo and where their eyes and mouth are. */
import type { Box } from '../../lib/faces/box';
import type { Point } from '../../lib/images/photo';

export interface SeenFace {
  readonly box: Box;
  /** Middles of the eye on the left of the picture, of the other eye, and of the mouth, in pixels of the photo. */
  readonly landmarks: readonly Point[];
}

export interface Detector {
  readonly title: string;
  /** Version, licence, year of the last release and installed size of what it is made of. */
  readonly package: string;
  detect(file: string): Promise<readonly SeenFace[]>;
  dispose(): void;
}

export function middleOfBox({ x, y, width, height }: Box): Point {
  return [x + width / 2, y + height / 2];
}
