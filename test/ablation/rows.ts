/**
 * What the parts of the recipe `best` are worth: rows that change one thing of a plainer recipe, of which `best` was then
 * put together. All are trained alike, at a size and length that leave room for many, and judged by a tenth of the training
 * side, so that the validation side stays unseen while choices are made.
 */
import type { Settings } from '../../lib/config';

export interface AblationRow {
  readonly name: string;
  /** What is changed, as a table says it. */
  readonly change: string;
  readonly settings: Settings;
}

const ONE_CAMERA = { stretch: 0, grey: 0, gamma: 0, cast: 0, camera: 0 };
const LIGHT_AUGMENTATION = {
  cropPx: 128,
  zoom: 0.1,
  rotationDegrees: 0,
  contrast: 0.25,
  brightness: 0.1,
  saturation: 0,
  ...ONE_CAMERA,
  erasing: 0.3,
  mixup: 0,
};

/** Eight epochs of 128 px, cut out of 144. */
const BASE: Settings = {
  preset: 'best',
  imageSize: 144,
  epochs: 4,
  judgedBy: 'selection',
  objective: { ageTemperature: 1, ageLabelSdYears: 2.5, ageLabelSdGrowth: 0, gender: 2, genderSmoothing: 0.1 },
  coolDown: { epochs: 0 },
  emaDecay: 0.999,
  augmentation: LIGHT_AUGMENTATION,
};

export const ABLATION_ROWS: readonly AblationRow[] = [
  { name: 'base', change: 'the plainer recipe', settings: BASE },
  row('squared-error', 'age as one linear unit with squared error', {
    ageHead: 'unit',
    ageScale: 'standardised',
    objective: { ageSquared: 1, ageAbsolute: 0, ageDistribution: 0 },
  }),
  row('temperature', "the age's distribution taught at a temperature of 2", { objective: { ageTemperature: 2 } }),
  row('no-absolute-error', 'no absolute error beside the soft labels', { objective: { ageAbsolute: 0 } }),
  row('more-absolute-error', 'five times the absolute error', { objective: { ageAbsolute: 0.5 } }),
  row('no-smoothing', 'gender labels as they are', { objective: { genderSmoothing: 0 } }),
  row('gender-weight-1', 'gender weighs half as much', { objective: { gender: 1 } }),
  row('no-average', 'no running average of the weights', { emaDecay: 0 }),
  row('constant-rate', 'a learning rate that does not fall', { schedule: { decay: 'constant' } }),
  row('higher-rate', 'a learning rate of 5e-4', { learningRate: 5e-4 }),
  row('lower-rate', 'a learning rate of 1e-4', { learningRate: 1e-4 }),
  row('weight-decay', 'a weight decay of 0.2', { weightDecay: 0.2 }),
  row('stronger-decay', 'a weight decay of 0.5', { weightDecay: 0.5 }),
  row('cool-down', 'whole faces in the last two epochs', { coolDown: { epochs: 2 } }),
  row('larger', '160 px, cut out of 176', { imageSize: 176, augmentation: { cropPx: 160 } }),
  row('more-augmentation', 'turned by up to 15°, colours stronger or weaker by up to half, nearer or farther by 20 %', {
    augmentation: { rotationDegrees: 15, saturation: 0.5, zoom: 0.2 },
  }),
  row('mixup', 'blended with up to a fifth of another face, labels alike', { augmentation: { mixup: 0.2 } }),
  row('cameras', 'eight faces in ten as other cameras would have taken and saved them, and in other colours', {
    augmentation: { grey: 0.1, gamma: 0.4, cast: 0.15, camera: 0.8 },
  }),
  row('label-growth', 'age labels spread from 0.6 years at birth to 3.5', { objective: { ageLabelSdYears: 3.5, ageLabelSdGrowth: 0.08 } }),
  row('no-erasing', 'no erasing', { augmentation: { erasing: 0 } }),
  row('crop-only', 'crops and mirror images only', {
    augmentation: { zoom: 0, contrast: 0, brightness: 0, erasing: 0 },
  }),
  row('no-augmentation', 'no augmentation, images of 128 px', { imageSize: 128, augmentation: null }),
];

function row(name: string, change: string, { objective, schedule, augmentation, ...settings }: Settings): AblationRow {
  return {
    name,
    change,
    settings: {
      ...BASE,
      ...settings,
      objective: { ...BASE.objective, ...objective },
      schedule: { ...BASE.schedule, ...schedule },
      augmentation: augmentation === null ? null : { ...LIGHT_AUGMENTATION, ...augmentation },
    },
  };
}
