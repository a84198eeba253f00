/** The recipes by their names: what a run is made of where nobody says otherwise. */
import { type Config, checked, overlayConfig, PLAIN_OBJECTIVE, type Settings } from './config';

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

const OTHER_LIGHT = { contrast: 0.3, brightness: 0.15, saturation: 0.5, grey: 0.1, gamma: 0.4, cast: 0.15, camera: 0.5 };

/** The most accurate model that two hours of training give. `npm run ablation` says what each part of it is worth. */
const BEST: Config = {
  ...CLASSIC,
  preset: 'best',
  imageSizePx: 192,
  ageScale: 'years',
  ageHead: 'distribution',
  objective: {
    ...PLAIN_OBJECTIVE,
    ageSquared: 0,
    ageAbsolute: 0.1,
    ageDistribution: 1,
    ageLabelSdYears: 3.5,
    ageLabelSdGrowth: 0.08,
    ageTemperature: 2,
    gender: 2,
    genderSmoothing: 0.05,
  },
  schedule: { warmUpSteps: 300, decay: 'cosine' },
  emaDecay: 0.999,
  augmentation: { cropPx: 176, zoom: 0.2, rotationDegrees: 15, stretch: 0.12, flip: true, ...OTHER_LIGHT, erasing: 0.3, mixup: 0.2 },
  sessions: [
    { trainable: 'all', epochs: 18, learningRate: 2e-4 },
    { trainable: 'all', epochs: 18, learningRate: 2e-4 },
  ],
  coolDown: { epochs: 10, learningRate: 1e-4 },
};

/**
 * The demo is the classic recipe at a size for a first look: 640 training faces instead of 17,000 make 1/27 of the steps,
 * so batches are smaller and the heads take larger strides. The whole network does not: above 1e-4 it falls apart on some seeds.
 */
export const PRESETS: Readonly<Record<Config['preset'], Config>> = {
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

/** The preset with the settings laid over it. Throws as `overlayConfig` does. */
export function resolveConfig(settings: Settings): Config {
  return overlayConfig(PRESETS[checked(settings).preset ?? 'demo'], settings);
}
