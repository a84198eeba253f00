/**
 * What a run is made of. A schema describes every setting once: what it may be, and what a person is told of it. Types, the
 * words of a refusal and the options of the command line follow from that; presets.ts has the values.
 */
import * as v from 'valibot';
import { InputError } from './base/errors';

/** Its message says what is expected: "a number from 0 to 1". Written down, since valibot's own types take a notebook's cell half a second. */
type Check<T> = v.GenericSchema<unknown, T>;
type Values<Entries extends v.ObjectEntries> = { readonly [Name in keyof Entries]: v.InferOutput<Entries[Name]> };

const between = (least: number, most: number): Check<number> =>
  v.message(v.pipe(v.number(), v.minValue(least), v.maxValue(most)), `a number from ${least} to ${most}`);
const whole = (least: number): Check<number> =>
  v.message(v.pipe(v.number(), v.safeInteger(), v.minValue(least)), `a whole number of at least ${least}`);
const oneOf = <T extends string>(...names: readonly T[]): Check<T> => v.picklist(names, `one of ${names.join(', ')}`);
const sizePx: Check<number> = v.message(
  v.pipe(v.number(), v.multipleOf(16), v.minValue(32), v.maxValue(512)),
  'a multiple of 16 from 32 to 512, such as 96, 128 or 224',
);
const place = (expected: string): Check<string | null> => v.nullable(v.message(v.pipe(v.string(), v.nonEmpty()), expected));
const share = between(0, 1);
const weight = between(0, 1000);

/** What a session trains: the two heads, the heads and the last N of the base's 17 blocks, or everything. */
export type Trainable = 'heads' | 'all' | `last ${number} blocks`;
const layers: Check<Trainable> = v.custom<Trainable>(
  (value) => typeof value === 'string' && /^(heads|all|last ([1-9]|1[0-7]) blocks)$/.test(value),
  '"heads", "all" or "last N blocks" with N from 1 to 17',
);

/** The parts into which faces are cut: a run learns from four, and is judged by the one that it names. */
export const FOLDS = ['fold 1', 'fold 2', 'fold 3', 'fold 4', 'fold 5'] as const;

/** What a person may set by its name alone: an option of the command line, "--image-size <px>". */
const setting = <T>(value: string, check: Check<T>, help: string): Setting<T> => v.pipe(check, v.metadata({ value, help }));
type Setting<T> = v.SchemaWithPipe<readonly [Check<T>, v.MetadataAction<T, { readonly value: string; readonly help: string }>]>;

export const SETTINGS = {
  preset: setting('name', oneOf('demo', 'classic', 'best'), 'demo, classic or best, or a .json file of settings (default: demo)'),
  data: setting('path', place('a path, "download" or "drawn"'), 'folder, archive, "download", "drawn" (default: data/UTKFace, else drawn)'),
  weights: setting(
    'path',
    place('a path, or "download" or "bundled"'),
    `tfjs LayersModel folder, Keras .h5, "download", or "bundled", the course's own model (default: data/weights; for drawn faces, bundled)`,
  ),
  seed: setting('number', whole(0), 'decides the split and the order of images (default: 1)'),
  imageSize: setting('px', sizePx, 'side of the images, a multiple of 16'),
  batchSize: setting('images', whole(1), 'images a step'),
  limit: setting('files', v.nullable(whole(10)), 'use at most so many files, drawn by the seed'),
  epochs: setting('number', whole(1), "epochs of each session (default: the preset's)"),
  trainable: setting('layers', layers, 'what session 2 trains: all, heads, or "last N blocks"'),
  learningRate: setting('rate', between(1e-8, 1), 'the highest of both sessions'),
  weightDecay: setting('share', share, 'of the kernels, times the learning rate, that every step takes away (AdamW)'),
  emaDecay: setting('share', between(0, 0.99999), 'decay of the average of the weights that is judged and kept; 0: the weights themselves'),
  ageHead: setting('kind', oneOf('unit', 'distribution'), 'unit: one linear unit; distribution: the expected value of one over years'),
  ageScale: setting('unit', oneOf('standardised', 'years'), 'standardised or years: the unit in which the age head learns'),
  validationShare: setting('share', between(0.01, 0.9), 'of the faces, which judge and are not learned from (default: 0.2)'),
  judgedBy: setting(
    'faces',
    oneOf('validation', 'selection', ...FOLDS),
    'validation; selection, a tenth of the others; or "fold 1" to "fold 5"',
  ),
};

const OBJECTIVE = {
  ageSquared: weight, // of the mean squared error of the age, in the head's unit
  ageAbsolute: weight, // of the mean absolute error of the age, in the head's unit
  ageDistribution: weight, // of the cross-entropy between the age's distribution and its soft label; needs the distribution head
  ageLabelSdYears: weight, // spread of the soft age label, at most
  ageLabelSdGrowth: share, // by how many years the spread grows with each year of age, from 0.6 at birth; 0: it is the same at every age
  // The softmax that the soft labels teach divides its logits by this; the answer's softmax does not. Above 1 the answer thus
  // leans from the mean of what is taught towards its middle, which the absolute error is least for.
  ageTemperature: between(0.1, 10),
  gender: weight, // of gender's cross-entropy
  genderSmoothing: share, // of the gender label that is given to both answers alike: labels are not always right
};

const SCHEDULE = { warmUpSteps: whole(0), decay: oneOf('constant', 'cosine') };

const AUGMENTATION = {
  cropPx: sizePx, // side of the square that is cut out of the image at a random place; training sees faces at this size
  zoom: share, // by which the cut may be larger or smaller than `cropPx` before it is scaled to it
  rotationDegrees: between(0, 180), // by which the cut is turned at most, either way
  stretch: share, // logarithm of the factor, either way, by which the cut is wider and less high: heads turn and nod
  flip: v.boolean('true or false'), // whether half of the images are mirrored
  contrast: share, // that may be added or taken away
  brightness: share, // of the full range, by which all pixels may become brighter or darker
  saturation: share, // of the colours' strength that may be added or taken away
  grey: share, // of the faces that lose all colour
  gamma: share, // logarithm of the power, either way, to which shades may be raised
  cast: share, // of its strength that each of red, green and blue may gain or lose
  camera: share, // of the faces that look as other cameras would have taken and saved them
  erasing: share, // of the faces a part of which a rectangle of one colour covers (Zhong et al. 2020, "Random Erasing")
  mixup: share, // largest of another face of its batch that each face takes on, picture and labels alike
};

/** Epochs, 0 for none; from the learning rate it falls to 0 by half a cosine, while the schedule goes over the epochs before. */
const COOL_DOWN = { epochs: whole(0), learningRate: share };

/** What a training step minimises: a weighted sum of losses on age and gender. A weight of 0 leaves a loss out. */
export type Objective = Values<typeof OBJECTIVE>;
/** How the learning rate goes over the run: it rises over the first steps, then stays, or falls to 0 by half a cosine. */
export type Schedule = Values<typeof SCHEDULE>;
/** What is done to the images of sessions that train more than the heads, anew in every epoch. */
export type Augmentation = Values<typeof AUGMENTATION>;
/**
 * The last epochs of session 2, if more than the heads are trained: faces are seen as they will be judged, whole and upright,
 * mirrored and in other light at most, so that the network gets used to them (Touvron et al. 2019, "Fixing the train-test
 * resolution discrepancy").
 */
export type CoolDown = Values<typeof COOL_DOWN>;
type Plain = Values<typeof SETTINGS>;
export type AgeHead = Plain['ageHead'];

/** What a person may set; the rest comes from the preset, within groups too. */
export interface Settings extends Partial<Plain> {
  readonly objective?: Partial<Objective>;
  readonly schedule?: Partial<Schedule>;
  readonly augmentation?: Partial<Augmentation> | null;
  readonly coolDown?: Partial<CoolDown>;
}

const inBraces = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'settings by their names, in braces',
);
/** Any of the entries, and no others. */
const anyOf = <E extends v.ObjectEntries>(entries: E) =>
  v.pipe(inBraces, v.partial(v.strictObject(entries, `one of ${Object.keys(entries).join(', ')}`)));
const SCHEMA: v.GenericSchema<unknown, Settings> = anyOf({
  ...SETTINGS,
  objective: anyOf(OBJECTIVE),
  schedule: anyOf(SCHEDULE),
  augmentation: v.nullable(anyOf(AUGMENTATION)),
  coolDown: anyOf(COOL_DOWN),
});

export interface SessionPlan {
  readonly trainable: Trainable;
  readonly epochs: number;
  /** The highest that the schedule reaches. */
  readonly learningRate: number;
}

/** All of it. Null stands for data and weights where they usually lie, for no limit, and for images as they are. */
export interface Config extends Omit<Plain, 'imageSize' | 'epochs' | 'trainable' | 'learningRate'> {
  readonly imageSizePx: number;
  readonly objective: Objective;
  readonly schedule: Schedule;
  readonly augmentation: Augmentation | null;
  readonly sessions: readonly [SessionPlan, SessionPlan];
  readonly coolDown: CoolDown;
}

/**
 * A configuration with the settings laid over it; a crop keeps its share of the image. Throws an InputError that names the first setting at
 * fault, what it is and what was expected.
 */
export function overlayConfig(base: Config, settings: Settings): Config {
  const { objective, schedule, augmentation, coolDown, imageSize, epochs, trainable, learningRate, ...plain } = checked(settings);
  const imageSizePx = imageSize ?? base.imageSizePx;
  const [first, second] = base.sessions;
  const cut = base.augmentation ?? { ...NO_AUGMENTATION, cropPx: base.imageSizePx };
  const cropPx = Math.max(32, 16 * Math.floor((imageSizePx * cut.cropPx) / base.imageSizePx / 16));
  const augmented = overlaid({ ...cut, cropPx }, augmentation ?? {});
  const config: Config = {
    ...overlaid(base, plain),
    imageSizePx,
    objective: overlaid(base.objective, objective),
    schedule: overlaid(base.schedule, schedule),
    augmentation: (augmentation === undefined ? base.augmentation : augmentation) && augmented,
    sessions: [overlaid(first, { epochs, learningRate }), overlaid(second, { epochs, learningRate, trainable })],
    coolDown: overlaid(base.coolDown, coolDown),
  };
  requireFitting(config);
  return config;
}

/** The values with those laid over them that are given. */
export function overlaid<T extends object>(values: T, given: Partial<T> = {}): T {
  return { ...values, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** Throws an InputError for the first setting that nobody knows, or that does not fit. */
export function checked(settings: unknown): Settings {
  const { success, output, issues } = v.safeParse(SCHEMA, settings);
  if (success) return output;
  const [issue] = issues;
  const name = v.getDotPath(issue) ?? 'settings';
  const what = issue.expected === 'never' ? `the setting "${name}"` : `${name} ${JSON.stringify(issue.input)}`;
  throw new InputError(`${what}: expected ${issue.message}.`);
}

/** Throws an InputError where settings that are sound alone do not go together. */
function requireFitting({ imageSizePx, ageHead, ageScale, objective, augmentation }: Config): void {
  const { ageSquared, ageAbsolute, ageDistribution, ageLabelSdYears, gender, genderSmoothing } = objective;
  const { cropPx, mixup } = augmentation ?? { cropPx: 0, mixup: 0 };
  const refuse = (fault: boolean, message: string) => {
    if (fault) throw new InputError(message);
  };
  refuse(cropPx > imageSizePx, `augmentation.cropPx ${cropPx}: expected at most imageSize, ${imageSizePx}.`);
  const unsmoothed = mixup > 0 && genderSmoothing === 0;
  refuse(unsmoothed, 'augmentation.mixup makes labels of both: expected an objective.genderSmoothing above 0 with it.');
  const bins = ageHead === 'distribution';
  refuse(bins && ageScale !== 'years', 'ageHead "distribution" answers in years: expected ageScale "years" with it.');
  const taught = bins && ageLabelSdYears > 0;
  refuse(ageDistribution > 0 && !taught, 'objective.ageDistribution needs ageHead "distribution" and an ageLabelSdYears above 0.');
  refuse(ageSquared + ageAbsolute + ageDistribution + gender === 0, 'objective: every weight is 0, expected one above 0.');
}

/** How many of a session's epochs cool down. */
export function coolDownEpochs({ sessions, coolDown }: Pick<Config, 'sessions' | 'coolDown'>, session: 1 | 2): number {
  const { trainable, epochs } = sessions[session - 1];
  return session === 1 || trainable === 'heads' ? 0 : Math.min(coolDown.epochs, epochs);
}

/** Whether two runs would train the same thing. */
export function sameConfig(a: Config, b: Config): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Every setting 0: left out, or not done. */
const nothing = <E extends v.ObjectEntries>(entries: E) =>
  Object.fromEntries(Object.keys(entries).map((name) => [name, 0])) as Readonly<Record<keyof E, 0>>;
/** The course's plain objective: squared error of age plus sparse categorical cross-entropy of gender. */
export const PLAIN_OBJECTIVE: Objective = { ...nothing(OBJECTIVE), ageTemperature: 1, ageSquared: 1, gender: 1 };
/** A crop, and nothing else. */
export const NO_AUGMENTATION: Augmentation = { ...nothing(AUGMENTATION), cropPx: 128, flip: false };
