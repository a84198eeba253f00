/** This project's finder. */
import { openFaceFinder } from '../../lib/faces/open-finder';
import { openPhoto } from '../../lib/images/decode';
import { inPhoto, type Point } from '../../lib/images/photo';
import type { Detector } from './detector';

/** It answers with the square that the landmarks led to, and three points of that stand for them. */
const IN_FRAME: readonly Point[] = [
  [0.3, 0.3],
  [0.7, 0.3],
  [0.5, 0.7],
];

export async function openOurs(): Promise<Detector> {
  const finder = await openFaceFinder();
  return {
    title: 'this project (`lib/faces`)',
    package: 'networks of both packages above',
    detect: async (file) => {
      const found = await finder.find(await openPhoto(file));
      return found.map(({ box, frame }) => ({ box, landmarks: IN_FRAME.map((point) => inPhoto(frame, point)) }));
    },
    dispose: () => finder.dispose(),
  };
}
