/** One look at a face: what the model puts out, and what each place of its last feature map adds to either answer. */
import { mirror, type Photo, type Square } from '../../images/photo';
import type { Question } from '../../model/feature-map';
import type { PageModel } from './open-predictor';

export const QUESTIONS: readonly Question[] = ['age', 'gender'];

export interface Look {
  readonly outputs: readonly Float32Array[];
  /** For each of QUESTIONS, row by row, as they lie in the frame. */
  readonly places: readonly Float32Array[];
}

/** At what lies in the frame, or at its mirror image. */
export async function lookAt(model: PageModel, photo: Photo, frame: Square, isMirrored = false): Promise<Look> {
  const { facts, featureMap, reader, forward } = model;
  const pixels = await reader.frame(photo, frame, facts.sizePx);
  if (isMirrored) mirror(pixels, facts.sizePx);
  const outputs = await forward.run(pixels);
  const map = outputs.splice(-1)[0];
  const places = QUESTIONS.map((question) => {
    const own = Float32Array.from(featureMap.look(question, map)[0].places);
    return isMirrored ? own.map((_, at) => own[at + featureMap.side - 1 - 2 * (at % featureMap.side)]) : own;
  });
  return { outputs, places };
}
