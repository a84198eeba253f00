/** Whether heat maps are to be believed: what they point at is hidden, and as much elsewhere, and the answers are asked for again. */
import { type Random, shuffled } from '../base/random';
import { mean } from '../data/bands';
import { enlarged, type GradCam, QUESTIONS, type Question } from './grad-cam';

/** How much of the picture is hidden. */
export const HIDDEN_SHARE = 0.2;

/**
 * What is hidden, by the magnitude of the face's own map: where it is greatest and where least, where its places shuffled are (spots of the same
 * kind, anywhere), and where another face's map is. The last tells a map of this face from one that would do for any.
 */
export const HIDDEN = ['hottest', 'coldest', 'anywhere', 'another'] as const;

/** How far an answer moves from that to the whole face, never negative: years, log-odds. */
export type Moves = Readonly<Record<Question, Readonly<Record<(typeof HIDDEN)[number], number>>>>;

/**
 * For each face of uint8 RGB pixels `[count, sizePx, sizePx, 3]`, two or more. What is hidden is painted with the mean of these faces at that
 * place: it tells nothing of this face, and leaves no edges and no colour that the network has never seen.
 */
export function hideRegions(cam: GradCam, pixels: Uint8Array, random: Random): Moves[] {
  const size = 3 * cam.sizePx ** 2;
  const faces = Array.from({ length: pixels.length / size }, (_, face) => pixels.subarray(face * size, (face + 1) * size));
  const meanFace = Uint8Array.from({ length: size }, (_, at) => Math.round(mean(faces.map((face) => face[at]))));
  const looks = faces.map((face) => cam.look(face)[0]);
  return faces.map((face, index) => {
    const hidden = QUESTIONS.flatMap((question) => {
      const [own, other] = [index, (index + 1) % faces.length].map((at) => looks[at].maps[question].map(Math.abs));
      const heats = [own, own.map((heat) => -heat), Float32Array.from(shuffled([...own], random)), other];
      return heats.map((heat) => hide(face, enlarged(heat, cam.sizePx), meanFace));
    });
    const answers = cam.look(Buffer.concat(hidden));
    const moved = QUESTIONS.map((question, which) => {
      const moves = HIDDEN.map((what, at) => {
        const { [question]: answer } = answers[which * HIDDEN.length + at].answers;
        return [what, Math.abs(answer - looks[index].answers[question])];
      });
      return [question, Object.fromEntries(moves)];
    });
    return Object.fromEntries(moved) as Moves;
  });
}

function hide(face: Uint8Array, heat: Float32Array, paint: Uint8Array): Uint8Array {
  const least = Float32Array.from(heat).sort()[Math.floor((1 - HIDDEN_SHARE) * heat.length)];
  return face.map((value, at) => (heat[Math.floor(at / 3)] >= least ? paint[at] : value));
}
