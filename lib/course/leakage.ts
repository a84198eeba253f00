/** What copies astride of a split claim: heads on features, taught and judged by splits with such copies and without. */
import { inBatches } from '../base/parallel';
import { notebookProgress } from '../base/progress';
import { shuffled, streamFor } from '../base/random';
import { percent, years } from '../base/text';
import { mean } from '../data/bands';
import { type Catalog, hasAge, type Split } from '../data/record';
import { clusterOf, splitRecords } from '../data/split';
import { writeWeights } from '../model/layer-weights';
import { noteHtml, tableHtml } from '../pages/html';
import { epochKeyOf, trainBatches, validate } from '../training/epoch';
import { type FeatureFile, openFeatures } from '../training/features';
import { GraphStep, keptWeights } from '../training/graph-step';
import type { EpochMetrics } from '../training/history';
import { ageScaleOf } from '../training/metrics';
import { trainableLayers } from '../training/schedule';
import { type TrainingContext, withTraining } from '../training/trainer';
import type { CourseRun } from './course-run';

const EPOCHS = 5;
const SEEDS = [1, 2, 3, 4, 5];
/** Student's t with four degrees of freedom: 2.5 % lie beyond it, at either end. */
const T = 2.776;
const MEASURES: readonly (readonly [unit: string, errorOf: (said: EpochMetrics) => number])[] = [
  ['years', ({ ageMaeYears }) => ageMaeYears],
  ['points of gender', ({ genderAccuracy }) => -100 * genderAccuracy],
];
const SPLITS = ['copies kept together, as in this project', 'naive: each file by itself', 'the same, no copies of judging faces taught'];

/**
 * Splits of the same pictures in equal sizes, and the share of faces that judge the second with a copy or near copy on its training side. The
 * first is by this project's rules; the second drawn from all files, surplus copies included, one by one; the third the second, but other
 * training faces stand in the places of such copies, and are learned twice.
 */
export function threeSplits(catalog: Pick<Catalog, 'usable' | 'clusters'>, { training: own, validation: judges }: Split, seed: number) {
  const records = [...own, ...judges];
  const validationShare = judges.length / records.length;
  const together = splitRecords({ records, clusters: catalog.clusters }, { seed, validationShare });
  const [random, cluster] = [streamFor(seed, 'naive split'), clusterOf(catalog)];
  const known = new Set(records.map(({ sha256 }) => sha256)); // pictures with contradicting labels stay out: only copies are to differ
  const files = shuffled(catalog.usable.filter(hasAge), random).filter(({ sha256 }) => known.has(sha256));
  const validation = files.slice(0, together.validation.length);
  const training = files.slice(validation.length, records.length);
  const [taught, judging] = [training, validation].map((side) => new Set(side.map(cluster)));
  const others = shuffled(training, random).filter((face) => !judging.has(cluster(face)));
  const mended = training.map((face, place) => (judging.has(cluster(face)) ? (others[place % others.length] ?? face) : face));
  const copied = mean(validation.map((face) => Number(taught.has(cluster(face)))));
  return { copied, splits: [together, { training, validation }, { training: mended, validation }] };
}

/**
 * Trains heads by five seeds on all three, and returns a table of what the validation sides say, and the plain word: by how much the second
 * is better than the third, on the same faces, and than the first. Intervals are of a paired t, with the seeds as replicates.
 */
export async function leakageTable(run: CourseRun): Promise<string> {
  const trials = SEEDS.map((seed) => ({ seed, ...threeSplits(run.catalog, run.split, seed) }));
  const copied = mean(trials.map((trial) => trial.copied));
  if (copied === 0) return noteHtml('No copy or near copy of a picture fell astride: in these data nothing leaks, however they are split.');
  const onProgress = notebookProgress();
  const results = await withTraining(run, { onProgress }, async (context) => {
    const features = await openFeatures(context.model.base, context.pixels, [...run.split.training, ...run.split.validation], onProgress);
    try {
      const results: EpochMetrics[][] = SPLITS.map(() => []);
      for (const { seed, splits } of trials) {
        for (const [index, split] of splits.entries()) results[index].push(await taughtHeads(context, features, split, seed));
        onProgress({ label: 'Heads on three splits', done: results[0].length, total: SEEDS.length, unit: 'seeds' });
      }
      return results;
    } finally {
      features.close();
    }
  });
  const rows = results.map((said, index) => [
    SPLITS[index],
    years(mean(said.map(({ ageMaeYears }) => ageMaeYears)), 2),
    percent(mean(said.map(({ genderAccuracy }) => genderAccuracy))),
    percent(index === 1 ? copied : 0),
  ]);
  const baseline = ['always the same answer', years(run.baselines.ageMaeYears, 2), percent(run.baselines.genderAccuracy), ''];
  const better = (than: number) =>
    MEASURES.map(([unit, errorOf]) =>
      claim(
        results[1].map((said, seed) => errorOf(results[than][seed]) - errorOf(said)),
        unit,
      ),
    ).join(' and ');
  const heads = `heads after ${EPOCHS} epochs, mean of ${SEEDS.length} seeds`;
  const columns = [heads, 'age MAE', 'gender accuracy', 'judging faces with a copy taught'];
  const words = `On the same faces, copies flatter by ${better(2)}. Beside this project's split, the naive one is better by ${better(0)}.`;
  return `${tableHtml(columns, [...rows, baseline])}<p>${words} In brackets: 95 % intervals, a paired t over the seeds.</p>`;
}

/** "0.05 years (-0.01 to 0.11, which five seeds cannot tell from nothing)". */
export function claim(gains: readonly number[], unit: string): string {
  const value = mean(gains);
  const margin = T * Math.sqrt(mean(gains.map((gain) => (gain - value) ** 2)) / (gains.length - 1));
  const [middle, low, high] = [value, value - margin, value + margin].map((end) => end.toFixed(2).replace('-0.00', '0.00'));
  return `${middle} ${unit} (${low} to ${high}${Math.abs(value) <= margin ? ', which five seeds cannot tell from nothing' : ''})`;
}

/** What heads that learned from one side, as in session 1, say of the other. */
async function taughtHeads({ run, model, firstWeights }: TrainingContext, features: FeatureFile, split: Split, seed: number) {
  const { batchSize, sessions, ageScale } = run.config;
  const scale = ageScaleOf(ageScale, split.training);
  writeWeights(model.full, firstWeights);
  const step = new GraphStep(model.heads, trainableLayers('heads'), run.config);
  try {
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      const epochKey = epochKeyOf(1, epoch);
      const batches = inBatches(shuffled(split.training, streamFor(seed, epochKey)), batchSize);
      const learningRateOf = () => sessions[0].learningRate;
      for await (const _ of trainBatches(step, features, { batches, epochKey, learningRateOf, scale }));
    }
    writeWeights(model.heads, keptWeights(step.state()));
    return await validate(model.heads, features, inBatches(split.validation, 256), scale);
  } finally {
    step.dispose();
  }
}
