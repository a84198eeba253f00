/** Every face of a photo: windows from large to small are searched, and what may be a face is looked at again and again. */
import type { Photo, Square } from '../images/photo';
import { type Box, insideOf, MOST_INSIDE, overlap, SAME_FACE, strongest } from './box';
import { type Candidate, detect } from './detector';
import { layMeshes, type Mesh, placeOf, squareAround } from './mesh';
import type { FaceNetwork } from './network';
import type { SecondOpinion } from './second-opinion';

export interface FoundFace {
  /** The square that is cut out so that the face lies as UTKFace's do. */
  readonly frame: Square;
  /** Around the mesh: from chin to forehead, without hair. */
  readonly box: Box;
  /** How sure it is that this is a face, 0 to 1: the detector's score times the mesh's. */
  readonly score: number;
}

export interface FindOptions {
  /** Narrower faces are left out; 2 % of the photo's longer side if not given, and never less than 24. */
  readonly minFacePx?: number;
}

/**
 * What a candidate needs to be looked at; to be a face, by the detector's score times the mesh's; to be one in a photo that is turned;
 * and to be one without a mesh, by both detectors' scores.
 */
const LEAST = { looked: 0.5, face: 0.55, turned: 0.7, alone: 0.7, opinion: 0.4 } as const;
/**
 * A photo in which a face is so sure and so level is not lying on its side. In others its faces are looked for in all directions, and
 * believed in the one in which they are surest: upside down, a face is taken for one too, but not as surely.
 */
const UPRIGHT = { score: 0.88, turn: Math.PI / 5 } as const;
/** The mesh is laid so often, each time from where it lay before: so it comes to lie more precisely, and only on faces does it stay. */
const PASSES = 3;
const NO_MESH: Mesh = { points: [], presence: 0 };
/** The part of a window's side below which the detector sees no face. */
const SMALLEST_PART = 0.06;
const OVERLAP = 0.75;
const FEWEST_PX = 24;
const MOST_CANDIDATES = 64;

/** The caller disposes it, and its networks with it. */
export class FaceFinder {
  private opinion?: Promise<SecondOpinion>;

  constructor(
    private readonly detector: FaceNetwork,
    private readonly mesh: FaceNetwork,
    /** Loads what is asked about faces that no mesh stays on; without it they are no faces. */
    private readonly openOpinion?: () => Promise<SecondOpinion>,
  ) {}

  /** The faces of a photo, from left to right. */
  async find(photo: Photo, options: FindOptions = {}): Promise<readonly FoundFace[]> {
    const longer = Math.max(photo.widthPx, photo.heightPx);
    const minFacePx = Math.max(FEWEST_PX, options.minFacePx ?? 0.02 * longer);
    let doubtful: readonly Candidate[] = [];
    let found: readonly FoundFace[] = [];
    const search = async (windows: readonly Square[]) => {
      const { faces, refused } = await this.look(photo, windows, LEAST.face);
      found = strongest([...found, ...faces], SAME_FACE);
      doubtful = [...doubtful, ...refused];
    };

    await search([...wholeWindows(photo, 0), ...gridWindows(photo, longer / 2)]);
    // On to smaller windows where faces are small, or none is found yet.
    for (let part = longer / 4; 2 * SMALLEST_PART * part >= minFacePx && hasSmall(found, part); part /= 2)
      await search(gridWindows(photo, part));
    found = [...found, ...(await this.confirmed(photo, doubtful, found))];
    const isUpright = ({ frame, score }: FoundFace) => score >= UPRIGHT.score && Math.abs(frame.turn) < UPRIGHT.turn;
    for (const quarters of found.some(isUpright) ? [] : [1, 2, 3]) {
      const { faces: turned } = await this.look(photo, wholeWindows(photo, (quarters * Math.PI) / 2), LEAST.turned);
      const faces = strongest(turned, SAME_FACE);
      if (surest(faces) > surest(found)) found = faces;
    }
    // The eye and half the mouth of a face that fills the photo are taken for a small one.
    const isPart = ({ box }: FoundFace) => found.some((other) => other.box.width > box.width && insideOf(box, other.box) > MOST_INSIDE);
    return found.filter((face) => face.box.width >= minFacePx && !isPart(face)).sort((a, b) => a.box.x - b.box.x);
  }

  dispose(): void {
    this.detector.dispose();
    this.mesh.dispose();
  }

  /** What may be a face in the windows: what reaches `least`, and what does not. */
  private async look(photo: Photo, windows: readonly Square[], least: number): Promise<{ faces: FoundFace[]; refused: Candidate[] }> {
    const candidates = (await detect(this.detector, photo, windows, LEAST.looked)).slice(0, MOST_CANDIDATES);
    let looked = candidates.map((candidate) => ({ candidate, square: candidate.square, presence: 0, mesh: NO_MESH }));
    for (let pass = 1; pass <= PASSES; pass++) {
      const meshes = await layMeshes(this.mesh, photo, looked);
      const again = looked.map(({ candidate, presence }, index) => {
        const mesh = meshes[index];
        return { candidate, square: squareAround(mesh), presence: presence + mesh.presence / PASSES, mesh };
      });
      // What cannot reach the threshold any more is not looked at again.
      looked = again.filter(({ candidate, presence }) => candidate.score * (presence + 1 - pass / PASSES) >= least);
    }
    const kept = new Set(looked.map(({ candidate }) => candidate));
    const faces = looked.map(({ candidate, presence, mesh }) => ({ ...placeOf(mesh), score: candidate.score * presence }));
    return { faces, refused: candidates.filter((candidate) => !kept.has(candidate)) };
  }

  /** What no mesh stays on, but both detectors see. */
  private async confirmed(photo: Photo, doubtful: readonly Candidate[], found: readonly FoundFace[]): Promise<FoundFace[]> {
    const isNew = ({ box }: Candidate) => found.every((face) => overlap(face.box, box) <= SAME_FACE);
    const strong = strongest(doubtful, SAME_FACE).filter((one) => one.score >= LEAST.alone && isNew(one));
    if (strong.length === 0 || !this.openOpinion) return [];
    this.opinion ??= this.openOpinion();
    const seen = (await (await this.opinion)(photo)).filter(({ score }) => score >= LEAST.opinion);
    const agreed = strong.filter(({ box }) => seen.some((other) => overlap(other.box, box) >= SAME_FACE));
    const meshes = await layMeshes(this.mesh, photo, agreed);
    return agreed.map(({ score }, index) => ({ ...placeOf(meshes[index]), score }));
  }
}

function surest(faces: readonly FoundFace[]): number {
  return Math.max(0, ...faces.map(({ score }) => score));
}

/** The whole photo, and the whole photo in the middle of so many times as much, since the detector sees no face that fills its window. */
export function wholeWindows({ widthPx, heightPx }: Photo, turn: number, canvas = 2): Square[] {
  const sidePx = Math.max(widthPx, heightPx);
  return [sidePx, canvas * sidePx].map((side) => ({ x: widthPx / 2, y: heightPx / 2, sidePx: side, turn }));
}

/** Windows of at least this side that cover the photo and overlap, so that no face lies astride of all. */
function gridWindows({ widthPx, heightPx }: Photo, leastPx: number): Square[] {
  const sidePx = 1.35 * leastPx;
  const places = (lengthPx: number) => {
    const count = Math.max(1, Math.ceil((lengthPx - sidePx) / (OVERLAP * sidePx)) + 1);
    return Array.from({ length: count }, (_, index) =>
      count === 1 ? lengthPx / 2 : sidePx / 2 + ((lengthPx - sidePx) * index) / (count - 1),
    );
  };
  return places(heightPx).flatMap((y) => places(widthPx).map((x) => ({ x, y, sidePx, turn: 0 })));
}

function hasSmall(found: readonly FoundFace[], sidePx: number): boolean {
  return found.length === 0 || found.some(({ box }) => box.width < 2 * SMALLEST_PART * 2 * sidePx);
}
