/** The recipes that have a name. */

import type { Config, PresetName } from './config';
import { PLAIN_OBJECTIVE } from './objective';

const CLASSIC: Config = {
  preset: 'classic',
  data: null,
  weights: null,
  seed: 1,
  imageSizePx: 128,
  batchSize: 32,
  limit: null,
  validationShare: 0.2,
  judgedBy: 'validation',
  ageScale: 'standardised',
  ageHead: 'unit',
  objective: PLAIN_OBJECTIVE,
  schedule: { warmUpSteps: 0, decay: 'constant' },
  emaDecay: 0,
  weightDecay: 0,
  augmentation: null,
  sessions: [
    { trainable: 'heads', epochs: 5, learningRate: 1e-4 },
    { trainable: 'all', epochs: 5, learningRate: 1e-4 },
  ],
  coolDown: { epochs: 0, learningRate: 0 },
};

/** The most accurate model that two hours and a half of training give. `npm run ablation` says what each part of it is worth. */
const BEST: Config = {
  ...CLASSIC,
  preset: 'best',
  imageSizePx: 192,
  ageScale: 'years',
  ageHead: 'distribution',
  objective: {
    ageSquared: 0,
    ageAbsolute: 0.1,
    ageDistribution: 1,
    ageLabelSdYears: 2.5,
    ageTemperature: 2,
    gender: 2,
    genderSmoothing: 0.1,
  },
  schedule: { warmUpSteps: 300, decay: 'cosine' },
  emaDecay: 0.999,
  augmentation: {
    cropPx: 176,
    zoom: 0.2,
    rotationDegrees: 15,
    flip: true,
    contrast: 0.25,
    brightness: 0.1,
    saturation: 0.5,
    erasing: 0.3,
    mixup: 0.2,
  },
  sessions: [
    { trainable: 'all', epochs: 12, learningRate: 2e-4 },
    { trainable: 'all', epochs: 15, learningRate: 2e-4 },
  ],
  coolDown: { epochs: 3, learningRate: 1e-4 },
};

/**
 * The demo is the classic recipe at a size for a first look: 640 training faces instead of 17,000 make 1/27 of the steps,
 * so batches are smaller and the heads take larger strides. The whole network does not: above 1e-4 it falls apart on some seeds.
 */
export const PRESETS: Readonly<Record<PresetName, Config>> = {
  classic: CLASSIC,
  best: BEST,
  demo: {
    ...CLASSIC,
    preset: 'demo',
    imageSizePx: 96,
    batchSize: 16,
    sessions: [
      { trainable: 'heads', epochs: 5, learningRate: 1e-3 },
      { trainable: 'all', epochs: 5, learningRate: 1e-4 },
    ],
  },
};
