/** Which face is which from frame to frame of a camera, and what is told of each: neither places nor answers may tremble. */
import { type Box, insideOf, MOST_INSIDE, overlap, SAME_FACE } from '../../faces/box';
import type { Square } from '../../images/photo';

/** Something that may be a face: a detector's. */
export interface Proposal {
  readonly box: Box;
  readonly score: number;
  readonly square: Square;
}

/** Where a mesh came to lie. */
export interface Laid {
  readonly box: Box;
  /** Where the next mesh is to be laid. */
  readonly square: Square;
  readonly frame: Square;
  /** How sure the mesh is that there is a face, 0 to 1. */
  readonly presence: number;
}

export interface TrackedFace extends Laid {
  /** From 1 on, the lowest that is free; a face keeps it until it is forgotten. */
  readonly number: number;
  /** `box` and `frame` without trembling, for those who watch. */
  readonly shown: { readonly box: Box; readonly frame: Square };
  /** How often the model has looked at it, and the running mean of what it put out, a flat array for each output. */
  readonly looks: number;
  readonly means: readonly Float32Array[];
  /** When it was looked at last. */
  readonly lookedMs: number;
}

/** The score and the meshes' presence that make a face, in so many meshes, as in a photo; the presence below which it has gone. */
const LEAST = { face: 0.55, stay: 0.5 } as const;
const MESHES = 3;
const MOST_FACES = 8;
/**
 * Time constants of running means; for how long a face on which a mesh stays need not be found by a search; and how long one that has
 * gone is remembered, should it come back to where it was.
 */
const MS = { answer: 1000, presence: 150, place: 120, unfound: 2000, remembered: 1500 } as const;
/** A face that moves by this part of its side between frames is followed at once: only what trembles is smoothed. */
const LEAP = 0.15;
/** How often all of the picture is searched: for new faces, and while there is none. */
const SEARCH_MS = { some: 600, none: 150 } as const;

type Face = { -readonly [Key in keyof TrackedFace]: TrackedFace[Key] } & {
  score: number;
  meshes: number;
  laidMs: number;
  foundMs: number;
};

export class Tracker {
  private present: Face[] = [];
  private gone: Face[] = [];
  private searchedMs = Number.NEGATIVE_INFINITY;

  /** Where meshes are to be laid: on faces, and on what is yet to be found one. */
  get laid(): readonly TrackedFace[] {
    return this.present;
  }

  /** Those that are sure to be faces, by number. */
  get faces(): readonly TrackedFace[] {
    return this.present.filter(({ meshes }) => meshes >= MESHES).sort((a, b) => a.number - b.number);
  }

  isSearchDue(nowMs: number): boolean {
    return nowMs - this.searchedMs >= (this.faces.length > 0 ? SEARCH_MS.some : SEARCH_MS.none);
  }

  /**
   * What a search found in this frame. The mesh of a known face is laid there next, since from where it lay before it may have come off
   * a face that moves fast. A face that had gone is taken up again; others begin.
   */
  searched(found: readonly Proposal[], nowMs: number): void {
    this.searchedMs = nowMs;
    this.gone = this.gone.filter(({ laidMs }) => nowMs - laidMs < MS.remembered);
    for (const face of this.present) {
      const own = found.find(({ box }) => isSame(face.box, box));
      if (own) Object.assign(face, { square: own.square, foundMs: nowMs });
    }
    for (const { box, square, score } of found) {
      if (this.present.length >= MOST_FACES || this.present.some((face) => isSame(face.box, box))) continue;
      const known = this.gone.find((face) => isSame(face.box, box));
      this.gone = this.gone.filter((face) => face !== known);
      const number = known?.number ?? this.freeNumber();
      const place = { box, square, frame: square, shown: { box, frame: square } };
      const fresh = { number, looks: 0, means: [], lookedMs: Number.NEGATIVE_INFINITY };
      const trust = known ? { presence: known.score, meshes: known.meshes } : { presence: 0, meshes: 0 };
      this.present.push({ ...fresh, ...known, ...place, ...trust, score, foundMs: nowMs, laidMs: nowMs });
    }
  }

  /** Where the meshes lie in this frame, one for each of `laid`, in its order. Faces on which none stays have gone. */
  placed(meshes: readonly Laid[], nowMs: number): void {
    const stays = this.present.filter((face, index) => {
      const { presence, ...place } = meshes[index];
      const settled = face.meshes >= MESHES;
      const share = settled ? nearness(nowMs - face.laidMs, MS.presence) : 1 / (face.meshes + 1);
      // A mesh that does not stay says nothing of where the face is.
      if (presence >= LEAST.stay) {
        face.shown = face.meshes > 0 ? shownAt(face.shown, place, nearness(nowMs - face.laidMs, MS.place)) : place;
        Object.assign(face, place);
      }
      Object.assign(face, { presence: mix(face.presence, presence, share), meshes: face.meshes + 1, laidMs: nowMs });
      if (settled) return face.presence >= LEAST.stay && nowMs - face.foundMs < MS.unfound;
      return face.meshes < MESHES || face.score * face.presence >= LEAST.face;
    });
    const lost = this.present.filter((face) => face.looks > 0 && !stays.includes(face));
    this.gone.push(...lost);
    if (lost.length > 0) this.searchedMs = Number.NEGATIVE_INFINITY; // it may only have moved too fast
    // Two meshes may come to lie on one face: who was there first stays.
    this.present = stays.filter((face, index) => stays.slice(0, index).every(({ box }) => !isSame(box, face.box)));
  }

  /** What the model put out in one look at a face: the first looks count alike, later ones fade within about a second. */
  looked({ number }: TrackedFace, outputs: readonly Float32Array[], nowMs: number): void {
    const face = this.present.find((one) => one.number === number);
    if (!face) return;
    const share = Math.max(1 / (face.looks + 1), nearness(nowMs - face.lookedMs, MS.answer));
    face.means = outputs.map((output, which) => output.map((value, at) => mix(face.means[which]?.[at] ?? value, value, share)));
    face.looks++;
    face.lookedMs = nowMs;
  }

  private freeNumber(): number {
    const taken = new Set([...this.present, ...this.gone].map(({ number }) => number));
    for (let number = 1; ; number++) if (!taken.has(number)) return number;
  }
}

/** What new values weigh in a mean that fades with a time constant. */
function nearness(elapsedMs: number, constantMs: number): number {
  return 1 - Math.exp(-elapsedMs / constantMs);
}

function mix(old: number, fresh: number, share: number): number {
  return old + share * (fresh - old);
}

function isSame(a: Box, b: Box): boolean {
  return overlap(a, b) > SAME_FACE || insideOf(a, b) > MOST_INSIDE || insideOf(b, a) > MOST_INSIDE;
}

function shownAt(old: TrackedFace['shown'], { box, frame }: Pick<Laid, 'box' | 'frame'>, share: number): TrackedFace['shown'] {
  const moved = Math.hypot(frame.x - old.frame.x, frame.y - old.frame.y) + Math.abs(frame.sidePx - old.frame.sidePx);
  const part = Math.max(share, Math.min(1, moved / (LEAP * frame.sidePx)));
  const turned = Math.atan2(Math.sin(frame.turn - old.frame.turn), Math.cos(frame.turn - old.frame.turn));
  const mixed = <T extends object>(from: T, to: T, keys: readonly (keyof T)[]) =>
    Object.fromEntries(keys.map((key) => [key, mix(Number(from[key]), Number(to[key]), part)]));
  return {
    box: { ...box, ...mixed(old.box, box, ['x', 'y', 'width', 'height']) },
    frame: { ...frame, ...mixed(old.frame, frame, ['x', 'y', 'sidePx']), turn: old.frame.turn + part * turned },
  };
}
