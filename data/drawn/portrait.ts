/** One drawn face as an SVG of 200 x 200: background, then everything from back to front. */
import { type Random, seededRandom } from '../../lib/base/random';
import { css, shade } from './colour';
import { beard, brows, eyes, glasses, mouth, nose } from './features';
import { hairBehind, hairGradient, hairInFront } from './hair';
import { cheeks, ears, headPath, lines, neck, skinGradient } from './head';
import { px, shapeOf } from './shape';
import type { Traits } from './traits';

export const PORTRAIT_SIZE_PX = 200;

/** How the head sits in the frame, drawn separately from what it looks like. */
export interface Pose {
  readonly xPx: number;
  readonly yPx: number;
  readonly tiltDegrees: number;
  readonly scale: number;
  readonly mirrored: boolean;
}

export function drawPose(random: Random): Pose {
  return {
    xPx: 100 + (random() - 0.5) * 22,
    yPx: 104 + (random() - 0.5) * 20,
    tiltDegrees: (random() + random() - 1) * 17,
    scale: 0.94 + random() * 0.22,
    mirrored: random() < 0.5,
  };
}

export function portraitSvg(traits: Traits, pose: Pose): string {
  const shape = shapeOf(traits);
  const head = headPath(shape);
  const body = [
    hairBehind(traits, shape),
    neck(traits, shape),
    ears(traits, shape),
    `<path d="${head}" fill="url(#skin)"/>`,
    cheeks(traits, shape),
    lines(traits, shape),
    beard(traits, shape),
    mouth(traits, shape),
    nose(traits, shape),
    eyes(traits, shape),
    brows(traits, shape),
    hairInFront(traits, shape),
    glasses(traits, shape),
  ].join('');
  const flip = pose.mirrored ? -1 : 1;
  const place = `translate(${px(pose.xPx)} ${px(pose.yPx)}) rotate(${px(pose.tiltDegrees)}) scale(${(flip * pose.scale).toFixed(3)} ${pose.scale.toFixed(3)})`;
  const size = PORTRAIT_SIZE_PX;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}"><defs>${skinGradient(traits)}${hairGradient(traits)}</defs>` +
    `${background(traits)}<g transform="${place}">${body}</g></svg>`
  );
}

/** Two colours running into each other, with a few large soft shapes as of a room or a garden out of focus. */
function background({ background: [from, to], detailSeed }: Traits): string {
  const random = seededRandom(detailSeed + 4);
  const blobs = Array.from({ length: Math.floor(random() * 6) }, () => {
    const colour = css(shade(random() < 0.5 ? from : to, random() - 0.5));
    return `<ellipse cx="${px(random() * 200)}" cy="${px(random() * 200)}" rx="${px(15 + random() * 55)}" ry="${px(15 + random() * 70)}" fill="${colour}" opacity="${px(0.3 + random() * 0.5)}"/>`;
  });
  const angle = Math.floor(random() * 360);
  return (
    `<linearGradient id="wall" gradientTransform="rotate(${angle} 0.5 0.5)"><stop offset="0" stop-color="${css(from)}"/><stop offset="1" stop-color="${css(to)}"/></linearGradient>` +
    `<rect width="200" height="200" fill="url(#wall)"/>${blobs.join('')}`
  );
}
