/** Where the sessions' numbers come from: features that a frozen base made, packed pixels as they are, or augmented ones. */

import type { ProgressListener } from '../base/progress';
import type { Augmentation } from '../config';
import { AugmentedImages } from '../images/augmented';
import type { PackedImages } from '../images/pixel-cache';
import type { InputSource } from './epoch';
import { openFeatures } from './features';
import type { TrainingGround } from './ground';

export interface SessionSources {
  readonly training: InputSource;
  readonly validation: InputSource;
  close(): Promise<void>;
}

/** Opens the sources of a stage that trains the heads only, or more, on faces so augmented. The caller closes them. */
export async function openSources(
  { run, data, images, model }: TrainingGround,
  { headsOnly, augmentation }: { readonly headsOnly: boolean; readonly augmentation: Augmentation | null },
  onProgress?: ProgressListener,
): Promise<SessionSources> {
  if (headsOnly) {
    const features = await openFeatures(model.base, images, [...data.split.training, ...data.split.validation], onProgress);
    return { training: features, validation: features, close: async () => features.close() };
  }
  const plain = packedSource(images);
  if (augmentation === null) return { training: plain, validation: plain, close: async () => undefined };
  const augmented = new AugmentedImages(images, augmentation, run.config.seed);
  return { training: augmented, validation: plain, close: () => augmented.close() };
}

/** Packed pixels, read batch by batch. */
export function packedSource(images: PackedImages): InputSource {
  return {
    *batches(batches) {
      for (const records of batches) yield images.read(records);
    },
  };
}
