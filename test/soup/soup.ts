/**
 * A model soup: runs that share session 1 and go through session 2 in orders of their own end near each other, and the mean of their
 * weights is better than any of them, at the cost of one when it answers (Wortsman et al. 2022, "Model soups").
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lib/base/errors';
import { writeJson } from '../../lib/base/files';
import { inBatches } from '../../lib/base/parallel';
import { projectPath } from '../../lib/base/project';
import { type Config, sameConfig } from '../../lib/config';
import { writeWeights } from '../../lib/model/layer-weights';
import type { NamedWeights } from '../../lib/model/weights';
import { openRunData } from '../../lib/run/data';
import { writeProvenance } from '../../lib/run/provenance';
import { openRunFolder, type Run, runExists } from '../../lib/run/run';
import { type Checkpoint, checkpointFile, finishedHistory, finishedSession, writeCheckpoint } from '../../lib/training/checkpoint';
import { validate } from '../../lib/training/epoch';
import { finishRun, type RunMetrics } from '../../lib/training/finish';
import { keptWeights, untrained } from '../../lib/training/graph-step';
import type { EpochMetrics } from '../../lib/training/history';
import { type TrainingContext, type TrainOptions, train, withTraining } from '../../lib/training/trainer';

const BATCH = 32;

export interface Soup {
  readonly run: Run;
  /** The validation side judges each run and, last, the mean of their weights. */
  readonly judged: readonly (readonly [name: string, validation: EpochMetrics])[];
}

/** Trains `forks` forks of a run whose session 1 is finished, each on from where it was left, and makes the mean of them all the run `<name>-soup`. */
export async function makeSoup(name: string, forks: number, options: TrainOptions = {}): Promise<Soup> {
  const trunk = openRunFolder(name);
  if (!finishedHistory(trunk, 1)) {
    throw new InputError(
      `Run ${name}: session 1 is not finished, and it is what forks go on from. Train it: npm run train -- --run ${name}.`,
    );
  }
  const runs = [trunk];
  for (let fork = 1; fork <= forks; fork++) runs.push(await forkOf(trunk, fork));
  const judged: [string, EpochMetrics][] = [];
  for (const run of runs) {
    const { validation } = await train(await openRunData(run, options.onProgress), options);
    judged.push([run.name, validation]);
  }
  const soup = await copyOf(trunk, `${name}-soup`, trunk.config);
  const weights = meanOf(runs.map((run) => keptWeights(finishedSession(run, 2).state)));
  await writeProvenance(soup, { soup: runs.map((run) => run.name) });
  const data = await openRunData(soup, options.onProgress);
  const { validation } = await withTraining(data, options, (context) => keepMean(context, weights, finishedSession(trunk, 2)));
  return { run: soup, judged: [...judged, [soup.name, validation]] };
}

/** A run that has done session 1 as the trunk has, and draws the order of faces and what is done to them from a seed of its own. */
function forkOf(trunk: Run, number: number): Promise<Run> {
  return copyOf(trunk, `soups/${trunk.name}-fork-${number}`, { ...trunk.config, seed: trunk.config.seed + 1000 * number });
}

/** The run of that name: the other's session 1, sides, provenance and places. Throws an InputError where one is there that began otherwise. */
async function copyOf(run: Run, name: string, config: Config): Promise<Run> {
  const folder = projectPath('outputs', name);
  if (!runExists(name)) {
    const files = ['split.json', 'provenance.json', 'hashes.json', 'cache.json', path.relative(run.folder, checkpointFile(run, 1))];
    for (const file of files) if (existsSync(path.join(run.folder, file))) cpSync(path.join(run.folder, file), path.join(folder, file));
    await writeJson(path.join(folder, 'config.json'), config); // last: a folder with one is a run
  }
  const { data, weights } = config; // the other's may have moved since
  const copy = openRunFolder(name, { data, weights });
  const [theirs, ours] = [copy, run].map((some) => readFileSync(checkpointFile(some, 1)));
  if (!sameConfig(copy.config, config) || !theirs.equals(ours)) {
    throw new InputError(`outputs/${name} began as another run than ${run.name} of today. Remove that folder; it is made anew.`);
  }
  return copy;
}

/** Makes the weights what session 2 has ended with, judges them, and writes model and metrics. */
async function keepMean({ run, model, pixels, scale }: TrainingContext, weights: NamedWeights, end: Checkpoint): Promise<RunMetrics> {
  writeWeights(model.full, weights);
  const validation = await validate(model.full, pixels, inBatches(run.split.validation, BATCH), scale);
  const history = [...end.history.slice(0, -1), { ...end.history[end.history.length - 1], validation }];
  await writeCheckpoint(run, { ...end, history, state: untrained(weights) });
  return finishRun(run, model, pixels);
}

/** The mean of networks of one kind, weight by weight. */
export function meanOf(networks: readonly NamedWeights[]): NamedWeights {
  const share = 1 / networks.length;
  const means = Object.entries(networks[0]).map(([name, { shape, values }]) => {
    const sums = new Float64Array(values.length);
    for (const network of networks) for (let at = 0; at < sums.length; at++) sums[at] += share * network[name].values[at];
    return [name, { shape, values: Float32Array.from(sums) }] as const;
  });
  return Object.fromEntries(means);
}
