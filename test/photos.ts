/** Photos with faces in them that a package brings, and photos without: what tests and measurements of the finder look at. */
import { globSync } from 'glob';
import { projectPath } from '../lib/base/project';

/** Middles of the faces, from left to right, in pixels. */
const FACES = [
  '480,500 930,570 1560,340',
  '410,300 990,380 1540,310',
  '680,480 1160,380 1610,460',
  '370,340 720,200 1040,320 1330,280',
  '480,1040 720,560 880,240 1190,340 1490,560',
  '380,650 750,510 1280,480 1570,440',
];

/** Group photos that come with `@vladmandic/face-api`, 1,920 px wide, and where the faces are that each shows. */
export const GROUP_PHOTOS = FACES.map((places, index) => ({
  file: projectPath('node_modules', '@vladmandic', 'face-api', 'demo', `sample${index + 1}.jpg`),
  faces: places.split(' ').map((place) => place.split(',').map(Number) as [x: number, y: number]),
}));

/** A cat, a cup, bricks, a text, a rocket over a landscape: see the README beside them. */
export function photosWithoutPeople(): readonly string[] {
  return globSync('*.jpg', { cwd: projectPath('test', 'reference', 'data', 'photos'), absolute: true }).sort();
}
