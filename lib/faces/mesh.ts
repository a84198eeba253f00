/**
 * The face mesh (Kartynnik et al. 2019, arXiv 1907.06724): lays 468 points on a face, wherever its parts are, and says
 * whether there is a face at all, which it knows better than the detector does.
 */
import { inPhoto, type Photo, type Point, type Square } from '../images/photo';
import type { Box } from './box';
import { frameOf, middleOf } from './frame';
import { cutAll, type FaceNetwork, type NetworkOptions } from './network';

export interface Mesh {
  /** In pixels of the photo. */
  readonly points: readonly Point[];
  /** How sure the network is that there is a face, 0 to 1. */
  readonly presence: number;
}

const SIZE_PX = 192;
const POINTS = 468;
/** The network wants to see half as much again as the face. */
const MARGIN = 1.5;

export const MESH: NetworkOptions = {
  file: 'facemesh',
  sizePx: SIZE_PX,
  scale: 1 / 255,
  shift: 0,
  outputs: { mesh: 3 * POINTS, presence: 1 },
};

/** A mesh in each of the squares around faces, which may be rough. */
export async function layMeshes(
  network: FaceNetwork,
  photo: Photo,
  faces: readonly { readonly square: Square }[],
): Promise<readonly Mesh[]> {
  if (faces.length === 0) return [];
  const windows = faces.map(({ square }) => ({ ...square, sidePx: MARGIN * square.sidePx }));
  const outputs = await network.run(cutAll(photo, windows, SIZE_PX));
  return windows.map((window, index) => {
    const mesh = outputs.mesh.subarray(index * 3 * POINTS, (index + 1) * 3 * POINTS);
    const pointAt = (point: number) => inPhoto(window, [mesh[3 * point] / SIZE_PX, mesh[3 * point + 1] / SIZE_PX]);
    return { points: Array.from({ length: POINTS }, (_, point) => pointAt(point)), presence: outputs.presence[index] };
  });
}

const RIGHT_EYE = [33, 133, 144, 145, 153, 158, 159, 160] as const;
const LEFT_EYE = [263, 362, 373, 374, 380, 385, 386, 387] as const;
const MOUTH = [0, 13, 14, 17, 61, 291] as const;

/** The middles of the eye on the left of the picture, of the other eye, and of the mouth. */
export function landmarksOf({ points }: Mesh): readonly Point[] {
  return [RIGHT_EYE, LEFT_EYE, MOUTH].map((part) => middleOf(part.map((index) => points[index])));
}

export function boxAround(points: readonly Point[]): Box {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The box around a mesh, and the frame in which its face lies as UTKFace's do. */
export function placeOf(mesh: Mesh): { readonly box: Box; readonly frame: Square } {
  return { box: boxAround(mesh.points), frame: frameOf(landmarksOf(mesh)) };
}

/** The square around a mesh, turned with the face: from where the next mesh is laid better. */
export function squareAround(mesh: Mesh): Square {
  const { turn } = frameOf(landmarksOf(mesh));
  const level = { x: 0, y: 0, sidePx: 1, turn: -turn };
  const { x, y, width, height } = boxAround(mesh.points.map(([px, py]) => inPhoto(level, [px + 0.5, py + 0.5])));
  const [centreX, centreY] = inPhoto({ ...level, turn }, [x + width / 2 + 0.5, y + height / 2 + 0.5]);
  return { x: centreX, y: centreY, sidePx: Math.max(width, height), turn };
}
