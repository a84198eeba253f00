import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError, UsageError } from '../../base/errors';
import { makeFolderAtomically } from '../../base/files';
import { type ProgressListener, terminalProgress } from '../../base/progress';
import { projectPath } from '../../base/project';
import { grouped, percent, years } from '../../base/text';
import { buildCatalog } from '../../data/catalog';
import { type Catalog, type Face, shortHash } from '../../data/record';
import { openFolder, openSource } from '../../data/source';
import type { Estimate } from '../../evaluation/bootstrap';
import { type Evaluation, type IntervalScores, type Metrics, scoreFaces, summarise } from '../../evaluation/evaluate';
import { type GroupRow, groupRows } from '../../evaluation/groups';
import { readSplitHashes } from '../../model/model-folder';
import { openPredictor } from '../../predict/open-predictor';
import { framePhotos } from '../frame-photos';
import type { Command } from './command';

export const command: Command = {
  summary: 'Scores a model on labelled faces, beside the answers that need no face.',
  options: {
    model: { type: 'string', value: 'folder', help: 'a model folder, such as outputs/<run>/model (default: data/model)' },
    data: { type: 'string', value: 'path', help: 'folder, .tar.gz or .zip (default: data/UTKFace, else drawn faces)' },
    split: { type: 'string', value: 'which', help: 'all: every usable file (default); run: the validation files recorded with the model' },
    frame: { type: 'boolean', help: 'the data are whole photos: the central face of each is framed first, and kept in data/cache' },
    json: { type: 'boolean', help: 'print one JSON object and nothing else' },
  },
  needs: 'nothing',
  async run(args) {
    const folder = args.path('model') ?? projectPath('data', 'model');
    const split = args.text('split') ?? 'all';
    if (split !== 'all' && split !== 'run') throw new InputError(`--split ${split}: expected "all" or "run".`);
    if (args.flag('frame') && split === 'run')
      throw new UsageError('--frame: expected --split all; a model records pictures, not the photos they were cut from.');
    const onProgress = terminalProgress();
    const source = await openSource(args.path('data'), { onProgress });
    const given = await buildCatalog(source, { onProgress });
    const catalog = args.flag('frame') ? await framedCatalog(given, onProgress) : given;
    const records = chooseRecords(catalog, folder, split);
    const predictor = await openPredictor(folder);
    const scored = await scoreFaces(predictor, catalog, records, onProgress).finally(() => predictor.dispose());
    const evaluation = summarise(scored, folder, predictor.facts.baseline);
    if (evaluation.trainingImages > 0) {
      process.stderr.write(
        `Warning: the model learned from ${evaluation.trainingImages} of these ${evaluation.count} files; the figures flatter it.\n`,
      );
    }
    const rows = groupRows(scored, catalog);
    process.stdout.write(args.flag('json') ? `${JSON.stringify({ ...evaluation, ...rows })}\n` : table(evaluation, rows.groups));
  },
};

/** The data set of the faces in these photos, made once for their content; says how many were found. */
export async function framedCatalog({ source, usable, sha256 }: Catalog, onProgress: ProgressListener): Promise<Catalog> {
  const folder = projectPath('data', 'cache', `framed-${sha256.slice(0, 12)}`);
  if (!existsSync(folder)) {
    const photos = usable.map(({ file, ...labels }) => ({ file: path.join(source.folder, file), below: file, labels }));
    await makeFolderAtomically(folder, async (temporary) => void (await framePhotos(photos, temporary, onProgress)));
  }
  const catalog = await buildCatalog(openFolder(folder, 'folder', source.label), { onProgress });
  process.stderr.write(
    `Faces found in ${grouped(catalog.usable.length)} of ${grouped(usable.length)} photos; the others are not scored.\n`,
  );
  return catalog;
}

/** Every usable file (`all`), or the validation side recorded with the model (`run`). Throws an InputError where one of those is missing. */
export function chooseRecords(catalog: Catalog, modelFolder: string, which: 'all' | 'run'): readonly Face[] {
  if (which === 'all') return catalog.usable;
  const known = new Map(catalog.records.map((record) => [shortHash(record.sha256), record]));
  return readSplitHashes(modelFolder).validation.map((hash) => {
    const record = known.get(hash);
    if (!record) {
      const missing = `the validation image ${hash}… of ${modelFolder} is not in it`;
      throw new InputError(`${catalog.source.label}: ${missing}. Give the data that the model was trained with.`);
    }
    return record;
  });
}

function table({ metrics, ageInRange, ageIntervals }: Evaluation, groups: readonly GroupRow[]): string {
  const line = (name: string, [first, ...others]: readonly string[]) =>
    `  ${name.padEnd(38)}${first.padStart(12)}${others.map((cell) => cell.padStart(10)).join('')}`.trimEnd();
  const estimate = (of: Estimate | null, factor: number, digits: number) => {
    return of ? [of.value, of.low, of.high].map((value) => (factor * value).toFixed(digits)) : ['', '', ''];
  };
  const intervals = (name: string, { meanWidthYears, coverage, count: faces }: IntervalScores) =>
    line(name, [years(meanWidthYears), percent(coverage), grouped(faces)]);
  const ages = ({ age }: Metrics) => {
    if (!age) return [years(null)];
    const errors = [age.maeYears, age.rmseYears, age.medianErrorYears, age.biasYears];
    return [...errors.map((error) => error.toFixed(2)), percent(age.within5Years)];
  };
  const genders = ({ gender }: Metrics) => (gender ? Object.values(gender).map((share) => percent(share)) : [percent(null)]);
  const three = (cells: (measured: Metrics) => readonly string[]) => [
    line('the model', cells(metrics.model)),
    line('the same, averaged with mirror image', cells(metrics.flipAveraged)),
    line('always the median age, one gender', cells(metrics.baseline)),
  ];
  const inRange = [
    line('age, rounded, within its range', [percent(ageInRange.share), '', grouped(ageInRange.count)]),
    line('always the median age', [percent(ageInRange.baselineShare)]),
  ];
  return [
    line('age error in years', ['mean', 'rms', 'median', 'bias', 'within 5']),
    ...three(ages),
    line('perceived gender', ['accuracy', 'balanced', 'ROC area', 'ECE']),
    ...three(genders),
    '',
    line('with 95 % intervals', ['age MAE', 'from', 'to', 'gender, %', 'from', 'to', 'faces']),
    ...groups.map(({ name, ageMaeYears, genderAccuracy, count }) =>
      line(name, [...estimate(ageMaeYears, 1, 2), ...estimate(genderAccuracy, 100, 1), grouped(count)]),
    ),
    ...(ageInRange.count > 0 ? inRange : []),
    '',
    line('age intervals, on faces it never saw', ['mean width', 'holds age', 'faces']),
    intervals('all ages', ageIntervals),
    ...ageIntervals.byAge.map((scores) => intervals(`ages ${scores.ages}`, scores)),
    ...(ageIntervals.count > 0 ? [] : ['  No age intervals to judge: the model has none, or has seen all of these faces.']),
    '',
  ].join('\n');
}
