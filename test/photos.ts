/** Photos with faces in them, as two packages bring them, and photos without: what tests and measurements of the finder look at. */
import { globSync } from 'glob';
import { projectPath } from '../lib/base/project';

/** Group photos that come with `@vladmandic/face-api`, and how many faces each shows. */
export const GROUP_PHOTOS = [3, 3, 3, 4, 5, 4].map((faces, index) => ({
  file: projectPath('node_modules', '@vladmandic', 'face-api', 'demo', `sample${index + 1}.jpg`),
  faces,
}));

/** A cat, a cup, bricks, a text, a rocket over a landscape: see the README beside them. */
export function photosWithoutPeople(): readonly string[] {
  return globSync('*.jpg', { cwd: projectPath('test', 'reference', 'data', 'photos'), absolute: true }).sort();
}
