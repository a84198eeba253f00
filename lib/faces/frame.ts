/** Where a face lies in a picture of UTKFace, and the square of a photo in which a face lies so. */
import type { Photo, Point, Square } from '../images/photo';

/** Middles of the eyes and of the mouth, in parts of the side: what the mesh answers, on average, on 300 pictures of UTKFace. */
export const UTKFACE: readonly Point[] = [
  [0.295, 0.294],
  [0.689, 0.295],
  [0.493, 0.706],
];

/** What those pictures' frames differ from that by, in parts of the side and in degrees: UTKFace's own landmarks err, and the mesh does. */
export const FRAME_ERROR = { shift: 0.013, scale: 0.034, turnDegrees: 1.5 } as const;

/**
 * The square in which the landmarks lie as the template's: shifted, scaled and turned with the least squared error (Umeyama 1991,
 * for the plane; nothing is stretched or mirrored).
 */
export function frameOf(landmarks: readonly Point[], template = UTKFACE): Square {
  const [middle, wanted] = [middleOf(landmarks), middleOf(template)];
  let [along, across, spread] = [0, 0, 0];
  for (const [index, [u, v]] of template.entries()) {
    const [du, dv] = [u - wanted[0], v - wanted[1]];
    const [dx, dy] = [landmarks[index][0] - middle[0], landmarks[index][1] - middle[1]];
    along += du * dx + dv * dy;
    across += du * dy - dv * dx;
    spread += du ** 2 + dv ** 2;
  }
  const [a, b] = [along / spread, across / spread];
  const [du, dv] = [0.5 - wanted[0], 0.5 - wanted[1]];
  return { x: middle[0] + a * du - b * dv, y: middle[1] + b * du + a * dv, sidePx: Math.hypot(a, b), turn: Math.atan2(b, a) };
}

/** How far a picture's frame may be from a face's to count as the same: four times what UTKFace's own pictures differ by. */
const TOLERANCE = { shift: 0.05, scale: 0.14, turn: 0.1 } as const;

/** Whether a picture is framed around the face already. */
export function isFramed({ x, y, sidePx, turn }: Square, { widthPx, heightPx }: Photo): boolean {
  const side = (widthPx + heightPx) / 2;
  return [
    Math.abs(widthPx / heightPx - 1) <= TOLERANCE.shift,
    Math.hypot(x - widthPx / 2, y - heightPx / 2) <= TOLERANCE.shift * side,
    Math.abs(sidePx / side - 1) <= TOLERANCE.scale,
    Math.abs(turn) <= TOLERANCE.turn,
  ].every(Boolean);
}

/** What UTKFace's files are: JPEGs of this size and quality. A JPEG's traces are in all that the network has learned from. */
export const UTKFACE_FILE = { sidePx: 200, quality: 75 } as const;

export function middleOf(points: readonly Point[]): Point {
  const sum = points.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
