/** What a run begins with and what its sessions do, in words: notebooks and pages say of every run what is true for it. */
import { projectPath } from '../base/project';
import { grouped } from '../base/text';
import { type Augmentation, type Config, coolDownEpochs, type Objective } from '../config';
import type { FaceRecord } from '../data/record';
import { unseenBy } from '../evaluation/evaluate';
import { AGE_BINS } from '../model/interval';
import { tableHtml } from '../pages/html';
import type { RunData } from '../run/data';
import { learningRateAt } from '../training/schedule';

/**
 * What must not be overlooked about a run: that its faces are drawn, and that its base, by the kind of its weights, has learned
 * from faces before. In runs of old it may have learned from some that judge it.
 */
export function runNotes(drawn: boolean, weights: string | undefined, validation: readonly FaceRecord[]): string[] {
  const drawnNote =
    'These faces are drawn by a program, not photographed: the numbers show how the course works, not how well people can be read.';
  if (weights !== 'bundled') return drawn ? [drawnNote] : [];
  const better = 'looks better than it would from ImageNet.';
  if (drawn) {
    const whence = 'No ImageNet weights were given, so the base starts from the model that comes with the course.';
    return [drawnNote, `${whence} It has learned from faces already: the first session ${better}`];
  }
  const known = validation.length - unseenBy(projectPath('data', 'model'), validation).length;
  const some = `and ${grouped(known)} of the ${grouped(validation.length)} faces that judge this run are among them: whatever it reaches`;
  const judging = known === 0 ? 'but none of them judges this run, and the first session' : some;
  const whence = 'The base starts from the model that comes with the course, as with --weights bundled. It has learned most of UTKFace';
  return [`${whence} already: faces that it was trained on are learned from again, ${judging} ${better}`];
}

/** The session's recipe as a table: what is trained, what is minimised, how fast, on which images, and what is kept. */
export function recipeTable({ config, split }: Pick<RunData, 'config' | 'split'>, session: 1 | 2): string {
  const { epochs, trainable } = config.sessions[session - 1];
  const coolDown = coolDownEpochs(config, session);
  const rows = [
    ['trained', trainedText(trainable)],
    ['age head', ageHeadText(config)],
    ['minimised', objectiveText(config.objective)],
    ['epochs', `${epochs}, in batches of ${config.batchSize} faces`],
    ["Adam's learning rate", learningRateText(config, split.training.length, session)],
    ...(config.weightDecay > 0 ? [['weight decay', `every step takes ${config.weightDecay} x learning rate of each kernel`]] : []),
    ['images', trainable === 'heads' ? 'features, made once' : augmentationText(config.augmentation)],
    ...(coolDown > 0 ? [['last epochs', coolDownText(config, coolDown)]] : []),
    ['judged and kept', config.emaDecay > 0 ? `a running average of the weights, with decay ${config.emaDecay}` : 'the weights'],
  ];
  return tableHtml(['', `Session ${session}, preset ${config.preset}`], rows);
}

function trainedText(trainable: Config['sessions'][0]['trainable']): string {
  if (trainable === 'heads') return 'the two heads; the base is frozen';
  return trainable === 'all' ? 'the whole network' : `the heads and the ${trainable} of the base`;
}

/** "one linear unit, in standard deviations from the mean age". */
export function ageHeadText({ ageHead, ageScale }: Pick<Config, 'ageHead' | 'ageScale'>): string {
  if (ageHead === 'distribution') return `a softmax over ${AGE_BINS} one-year bins; its expected value is the age`;
  return `one linear unit, in ${ageScale === 'years' ? 'years' : 'standard deviations from the mean age'}`;
}

/** "squared error of age + cross-entropy of gender". */
export function objectiveText(objective: Objective): string {
  const { ageSquared, ageAbsolute, ageDistribution, ageLabelSdYears, ageLabelSdGrowth, ageTemperature, gender, genderSmoothing } =
    objective;
  const smoothed = genderSmoothing > 0 ? ` (labels ${1 - genderSmoothing / 2} and ${genderSmoothing / 2})` : '';
  const spread = ageLabelSdGrowth > 0 ? `up to ${ageLabelSdYears}` : ageLabelSdYears;
  const tempered = ageTemperature === 1 ? '' : `, at a temperature of ${ageTemperature}`;
  const terms: readonly (readonly [number, string])[] = [
    [ageSquared, 'squared error of age'],
    [ageDistribution, `cross-entropy of the age bins (labels spread by ${spread} years${tempered})`],
    [ageAbsolute, 'absolute error of age'],
    [gender, `cross-entropy of gender${smoothed}`],
  ];
  return terms
    .filter(([weight]) => weight > 0)
    .map(([weight, name]) => (weight === 1 ? name : `${weight} x ${name}`))
    .join(' + ');
}

function learningRateText(config: Config, trainingImages: number, session: 1 | 2): string {
  const { sessions, batchSize } = config;
  const { learningRate } = sessions[session - 1];
  const { warmUpSteps, decay } = config.schedule;
  if (warmUpSteps === 0 && decay === 'constant') return `${learningRate}`;
  const perEpoch = Math.ceil(trainingImages / batchSize);
  const [first, second] = sessions.map(({ epochs }) => epochs * perEpoch);
  const rate = (step: number) => Number(learningRateAt(config, step, perEpoch).toPrecision(2));
  const falling = first + second - coolDownEpochs(config, 2) * perEpoch;
  const [from, to] = session === 1 ? [0, first - 1] : [first, Math.max(first, falling - 1)];
  const here = `in this session from ${rate(from)} to ${rate(to)}`;
  if (warmUpSteps >= first + second) return `rises towards ${learningRate}, which is ${warmUpSteps} steps away; ${here}`;
  const rises = warmUpSteps > 0 ? [`rises over the run's first ${warmUpSteps} steps to ${learningRate}`] : [];
  const end = coolDownEpochs(config, 2) > 0 ? 'before the last epochs' : "at the run's last";
  const falls = decay === 'cosine' ? [`falls along half a cosine to 0 ${end}`] : ['stays there'];
  return `${[...rises, ...falls].join(', then ')}; ${here}`;
}

function coolDownText({ augmentation, imageSizePx, coolDown }: Config, epochs: number): string {
  const seen = augmentation === null ? '' : ` on faces framed as they are judged: whole, ${imageSizePx} px wide, hardly turned`;
  return `${epochs}${seen}, at a learning rate that falls from ${coolDown.learningRate} to 0`;
}

function augmentationText(augmentation: Augmentation | null): string {
  if (augmentation === null) return 'as they are';
  const { cropPx, zoom, rotationDegrees, flip, contrast, brightness, saturation, gamma, camera, erasing, mixup } = augmentation;
  const parts = [
    `cut to ${cropPx} px at a random place`,
    ...(zoom > 0 ? ['a little nearer or farther'] : []),
    ...(rotationDegrees > 0 ? [`turned by at most ${rotationDegrees}°`] : []),
    ...(flip ? ['half of them mirrored'] : []),
    ...(contrast > 0 || brightness > 0 || saturation > 0 || gamma > 0 ? ['in other light'] : []),
    ...(camera > 0 ? [`${Math.round(100 * camera)} % as another camera would have taken it`] : []),
    ...(erasing > 0 ? [`${Math.round(100 * erasing)} % with a rectangle covered`] : []),
    ...(mixup > 0 ? [`blended with at most ${Math.round(100 * mixup)} % of another face, labels alike`] : []),
  ];
  return `augmented anew in every epoch: ${parts.join(', ')}`;
}
