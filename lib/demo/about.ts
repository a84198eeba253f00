/** What the page knows of its model, and may tell: no paths, no faces, no names of machines. */
import type { ModelFacts } from '../model/model-folder';

/** In the page, `jsonOf<About>('about-json')`. */
export interface About {
  /** Name of the run that trained it; null for the model that comes with the course. */
  readonly run: string | null;
  /** What it learned from. Absent in models that say nothing of it. */
  readonly data?: {
    /** Faces that are drawn by a program, UTKFace's, or a person's own. */
    readonly kind: 'drawn' | 'utkface' | 'own';
    /** What reports call it: "UTKFace.tar.gz", "drawn faces". */
    readonly label: string;
    /** Faces that it learned from, and others that it was judged by. */
    readonly trainingFaces: number;
    readonly validationFaces: number;
  };
  /** Where its base began: with ImageNet's objects, or with the course's own model, which has learned from UTKFace. */
  readonly weights?: 'imagenet' | 'bundled';
  /** On the faces that judged it, beside the best constant answers, `facts.baseline`. Absent where nothing was measured. */
  readonly result?: { readonly model: Headline; readonly baseline: Headline };
  readonly facts: Omit<ModelFacts, 'provenance'>;
}

export interface Headline {
  readonly ageMaeYears: number;
  readonly genderAccuracy: number;
}
