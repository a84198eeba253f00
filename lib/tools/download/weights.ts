/** Fetches the ImageNet weights of MobileNetV2 from where Keras itself takes them, and proves that they are. */
import path from 'node:path';
import { openEngine } from '../../base/engine';
import type { ProgressListener } from '../../base/progress';
import { readKerasH5 } from '../../model/keras-h5';
import { mobileNetV2Shapes } from '../../model/mobilenet';
import { requireWeights } from '../../model/weights';
import { downloadFile } from './download';
import { requireImageNetFeatures } from './verify-features';

/** Apache-2.0, trained by Google on ImageNet. No checksum of it is published; its length is, by Keras's own progress bar. */
const KERAS_WEIGHTS = {
  url: 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5',
  name: 'mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5',
  bytes: 9_406_464,
};

export interface WeightsDownload {
  /** Where the file shall lie. */
  readonly folder: string;
  /** Another mirror; what it serves must give the same features. */
  readonly url?: string;
  readonly onProgress?: ProgressListener;
}

/** Fetches the file and answers its path. Throws an InputError where the file is another one; nothing is kept then. */
export async function downloadWeights({ folder, url, onProgress }: WeightsDownload): Promise<string> {
  const file = path.join(folder, KERAS_WEIGHTS.name);
  await downloadFile({
    url: url ?? KERAS_WEIGHTS.url,
    file,
    bytes: url === undefined ? KERAS_WEIGHTS.bytes : undefined,
    verify: verifyWeights,
    onProgress,
  });
  return file;
}

async function verifyWeights(file: string): Promise<void> {
  const weights = requireWeights(await readKerasH5(file), mobileNetV2Shapes(), file);
  await openEngine();
  requireImageNetFeatures(weights, file);
}
