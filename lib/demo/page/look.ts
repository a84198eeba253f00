/** One look at a face: what the model puts out, and what each place of its last feature map adds to either answer. */
import { mirror, type Photo, type Square } from '../../images/photo';
import type { featureMapOf, Question } from '../../model/feature-map';
import type { Forward } from '../../model/forward';
import type { ModelFacts } from '../../model/model-folder';
import type { ImageReader } from '../../predict/predictor';

export const QUESTIONS: readonly Question[] = ['age', 'gender'];

/** The model as one look needs it. */
export interface Eye {
  readonly facts: Pick<ModelFacts, 'sizePx'>;
  readonly reader: Pick<ImageReader<never>, 'frame'>;
  /** For uint8 RGB pixels `[count, sizePx, sizePx, 3]` a flat array for each output of the model, and the last one for its feature map. */
  readonly forward: Forward;
  readonly featureMap: Pick<ReturnType<typeof featureMapOf>, 'side' | 'look'>;
}

export interface Look {
  readonly outputs: readonly Float32Array[];
  /** For each of QUESTIONS, row by row, as they lie in the frame. */
  readonly places: readonly Float32Array[];
}

/** At what lies in the frame, or at its mirror image. */
export async function lookAt(model: Eye, photo: Photo, frame: Square, isMirrored = false): Promise<Look> {
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
