/** `npm run card`: the tables of the model card, from the faces that judged the model: by group, with 95 % intervals, and how calibrated it is. */
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { streamFor } from '../../lib/base/random';
import { grouped } from '../../lib/base/text';
import { byDecade, mean } from '../../lib/data/bands';
import { buildCatalog } from '../../lib/data/catalog';
import { type Catalog, type FaceRecord, GENDER_NAMES, genderOf, RACE_NAMES, shortHash } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { clustersOf } from '../../lib/data/split';
import { errorYears, type ScoredFace, scoreFaces } from '../../lib/evaluation/evaluate';
import { loadFacts, readSplitHashes } from '../../lib/model/model-folder';
import { temperatureOf } from '../../lib/model/temperature';
import { openPredictor } from '../../lib/predict/predictor';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { bootstrap, type Clustered, calibrationError, type Said } from './statistics';

/** Of smaller groups nothing is said. */
const FEWEST = 30;

/** One judged face: its chain of near copies, and the two numbers whose means a row of the table gives. */
interface Judged extends Clustered {
  readonly record: FaceRecord;
  readonly errorYears: number;
  readonly isRight: number;
  readonly femaleProbability: number;
}

const command: Command = {
  summary: 'Prints the tables of the model card: errors by group with 95 % intervals, and the calibration of gender.',
  options: {
    model: { type: 'string', value: 'folder', help: 'a model folder (default: data/model)' },
    data: { type: 'string', value: 'path', help: 'what the model was trained with; its validation side is judged' },
  },
  needs: 'engine',
  async run(args) {
    const folder = args.path('model') ?? projectPath('data', 'model');
    const onProgress = terminalProgress();
    const catalog = await buildCatalog(await openSource(args.path('data'), { onProgress }), { onProgress });
    const { validation, calibration } = readSplitHashes(folder);
    const [judging, calibrating] = [new Set(validation), new Set(calibration)];
    const records = catalog.records.filter(({ sha256 }) => judging.has(shortHash(sha256)));
    const predictor = await openPredictor(folder);
    const scored = await scoreFaces(predictor, catalog, records, onProgress).finally(() => predictor.dispose());
    const faces = judge(scored, catalog);
    const temperature = loadFacts(folder).genderTemperature ?? 1;
    const halves = [true, false].map((half) => faces.filter(({ record }) => calibrating.has(shortHash(record.sha256)) === half));
    process.stdout.write([groupsTable(faces), crossingsTable(faces), calibrationTable(halves, temperature)].join('\n'));
  },
};

function judge(scored: readonly ScoredFace[], catalog: Catalog): readonly Judged[] {
  const clusters = new Map(clustersOf(catalog).flatMap((records, number) => records.map(({ sha256 }) => [sha256, number] as const)));
  return scored.map((face) => ({
    cluster: clusters.get(face.record.sha256) ?? face.record.sha256,
    record: face.record,
    errorYears: errorYears(face),
    isRight: Number(genderOf(face.prediction.femaleProbability) === face.record.gender),
    femaleProbability: face.prediction.femaleProbability,
  }));
}

type Group = readonly [name: string, faces: readonly Judged[]];

const decades = (faces: readonly Judged[]): Group[] =>
  byDecade(faces, ({ record }) => record.ageYears).map(({ label, items }) => [`ages ${label}`, items]);
const genders = (faces: readonly Judged[]): Group[] =>
  GENDER_NAMES.map((name, code) => [name, faces.filter(({ record }) => record.gender === code)]);
const races = (faces: readonly Judged[]): Group[] =>
  RACE_NAMES.map((name, code) => [name, faces.filter(({ record }) => record.race === code)]);

function groupsTable(faces: readonly Judged[]): string {
  const adults = faces.filter(({ record }) => record.ageYears >= 21 && record.ageYears <= 60);
  return tableOf([['all', faces], ['ages 21 to 60', adults], ...decades(faces), ...genders(faces), ...races(faces)]);
}

/** Each group of one kind within each of another. */
function crossingsTable(faces: readonly Judged[]): string {
  const cross = (outer: readonly Group[], inner: (faces: readonly Judged[]) => Group[]) =>
    outer.flatMap(([name, some]) => inner(some).map(([other, both]): Group => [`${name}, ${other}`, both]));
  return tableOf([...cross(decades(faces), genders), ...cross(races(faces), genders), ...cross(decades(faces), races)]);
}

function tableOf(groups: readonly Group[]): string {
  const rows = groups
    .filter(([, faces]) => faces.length >= FEWEST)
    .map(([name, faces]) => {
      const random = streamFor(1, `bootstrap, ${name}`);
      const [age, gender] = bootstrap(faces, [({ errorYears }) => errorYears, ({ isRight }) => 100 * isRight], random);
      const cell = ([value, low, high]: readonly number[], digits: number) =>
        `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
      return `| ${name} | ${cell(age, 2)} | ${cell(gender, 1)} | ${grouped(faces.length)} |\n`;
    });
  return `| | mean absolute age error, years | gender accuracy, % | faces |\n|---|---|---|---|\n${rows.join('')}`;
}

/** Before and after a temperature: each half by the one that the other half asks for, so that no face is judged by what it chose. */
function calibrationTable(halves: readonly (readonly Judged[])[], temperature: number): string {
  const trained = halves.map((faces) =>
    faces.map(({ femaleProbability, record }) => said(femaleProbability, record.gender, 1 / temperature)),
  );
  const temperatures = trained.map((half) =>
    temperatureOf(
      half.map(({ p }) => p),
      half.map(({ label }) => label),
    ),
  );
  const calibrated = trained.map((half, index) => half.map(({ p, label }) => said(p, label, temperatures[1 - index])));
  const row = (name: string, all: readonly Said[]) => {
    const logLoss = mean(all.map(({ p, label }) => -Math.log(Math.max(1e-12, label === 1 ? p : 1 - p))));
    const brier = mean(all.map(({ p, label }) => (p - label) ** 2));
    return `| ${name} | ${(100 * calibrationError(all)).toFixed(2)} | ${logLoss.toFixed(4)} | ${brier.toFixed(4)} |\n`;
  };
  const head = '| gender | expected calibration error, points | log-loss | Brier score |\n|---|---|---|---|\n';
  const name = `calibrated, temperatures ${temperatures.map((one) => one.toFixed(2)).join(' and ')}`;
  return `${head}${row('as trained', trained.flat())}${row(name, calibrated.flat())}`;
}

/** A probability whose logit is divided by a temperature. */
const said = (p: number, label: number, temperature: number): Said => ({ p: 1 / (1 + ((1 - p) / p) ** (1 / temperature)), label });

void runCommand('card', process.argv.slice(2), async () => command);
