/** `npm run reproduce`: trains the run of a report again, from one of its pages, and says whether it comes out the same. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { batchParts } from '../../lib/base/engine';
import { InputError, UsageError } from '../../lib/base/errors';
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { years } from '../../lib/base/text';
import { type Config, sameConfig } from '../../lib/config';
import { catalogedFiles } from '../../lib/data/catalog';
import { openSource } from '../../lib/data/source';
import { readTeachers } from '../../lib/data/teachers';
import { type RunRecord, recordOf } from '../../lib/evaluation/run-record';
import { findWeights } from '../../lib/model/layers-folder';
import { resolvePretrained } from '../../lib/model/pretrained';
import { makeRun, startRun } from '../../lib/run/data';
import { hashCode, hashData, hashFiles } from '../../lib/run/hashes';
import { type Environment, environment } from '../../lib/run/provenance';
import { openRunFolder, readConfig, runExists } from '../../lib/run/run';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { describeEpoch } from '../../lib/tools/cli/runs';
import { ACCEPT_TERMS, readSettings, SETTING_OPTIONS } from '../../lib/tools/cli/settings';
import { callerPath, shownPath } from '../../lib/tools/paths';
import { interruptible } from '../../lib/training/interrupt';
import { requireTrainingEngine, train } from '../../lib/training/trainer';
import { compareRuns, otherFiles, readRecord, toleranceOf } from './compare';

const { data: DATA, weights: WEIGHTS, teachers: TEACHERS } = SETTING_OPTIONS;

const command: Command = {
  summary: 'Makes a run again from one page of its report, and says whether it comes out the same.',
  positionals: '<page of a report, or run folder>',
  options: {
    data: { ...DATA, help: "where the run's data lies on this machine; drawn faces need not be given" },
    weights: { ...WEIGHTS, help: "where the weights that it began with lie; the course's own need not be given" },
    teachers: { ...TEACHERS, help: 'the file of its teachers, where it had any' },
    run: { type: 'string', value: 'name', help: 'what to call the new run (default: <run>-again); one that was stopped goes on' },
    check: { type: 'boolean', help: 'compare data, weights, code and versions, and train nothing' },
    'accept-terms': ACCEPT_TERMS,
  },
  needs: 'engine',
  async run(args) {
    if (args.positionals.length !== 1) throw new UsageError('npm run reproduce -- <page of a report, or run folder>: expected one place.');
    const place = callerPath(args.positionals[0]);
    const record = readRecord(place);
    requireWhole(record, place);
    const { preset, imageSizePx, seed } = record.config;
    tell(`Run ${record.run}: ${preset}, ${imageSizePx} px, seed ${seed}, trained to the weights ${shortened(record.weightsSha256)}`);
    const places = placesOf(record, await readSettings(args), existsSync(path.join(place, 'config.json')) ? readConfig(place) : undefined);
    const found = [await checkData(record, places), await checkWeights(record, places), checkTeachers(record, places)];
    const isSameHere = checkEnvironment(record, await requireTrainingEngine());
    if (found.includes(false)) throw new InputError('Data or weights are not those of the run: trained on them, it would be another.');
    if (args.flag('check')) return;

    const again = await trainAgain(record, places, args.text('run') ?? `${record.run}-again`, `npm run reproduce -- ${shownPath(place)}`);
    if (!tellVerdict(record, again, isSameHere)) process.exitCode = 1;
  },
};

type Places = Pick<Config, 'data' | 'weights' | 'teachers'>;

const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const tellOf = (what: string, text: string): void => tell(`  ${what.padEnd(15)}${text}`);
const shortened = (sha256 = ''): string => sha256.slice(0, 12);

/** The first ten, one a line. */
function listed(items: readonly string[]): string {
  const more = items.length > 10 ? [`and ${items.length - 10} more`] : [];
  return [...items.slice(0, 10), ...more].map((item) => `\n    ${item}`).join('');
}

function requireWhole({ run, weightsSha256, provenance }: RunRecord, place: string): void {
  if (provenance.soup) throw new InputError(`${place}: the weights of run ${run} are the mean of other runs'. Make each of those again.`);
  if (weightsSha256 !== undefined && provenance.data && provenance.weights) return;
  throw new InputError(`${place}: run ${run} was not finished then. Finish it: npm run train -- --run ${run}, then npm run report.`);
}

/** Where things lie: as they were given, else where the run's folder says, else where they usually do. Throws an InputError where nobody can know. */
function placesOf({ config, provenance }: RunRecord, given: Partial<Places>, own?: Config): Places {
  const known = (what: keyof Places, usual: string | null) => given[what] ?? own?.[what] ?? usual;
  const places = {
    data: known('data', provenance.data?.kind === 'drawn' ? 'drawn' : null),
    weights: known('weights', provenance.weights?.kind === 'bundled' ? 'bundled' : null),
    teachers: known('teachers', null),
  };
  if (places.data === null && !existsSync(projectPath('data', 'UTKFace'))) throw unknownPlace('data', provenance.data?.label);
  if (places.teachers === null && config.teachers !== null) throw unknownPlace('teachers', config.teachers);
  return places;
}

function unknownPlace(what: keyof Places, label?: string): InputError {
  return new InputError(`The run had the ${what} ${label}. Where they lie on this machine nobody knows: say it with --${what} <path>.`);
}

async function checkData({ config, provenance, hashes }: RunRecord, { data }: Places): Promise<boolean> {
  const onProgress = terminalProgress();
  const source = await openSource(data ?? undefined, { onProgress });
  const files = catalogedFiles(source, config);
  const { sha256, each } = hashData(source.folder, files);
  const same = sha256 === provenance.data?.sha256;
  if (same) tellOf('data', `the same, ${files.length} files of ${source.label}`);
  else if (hashes.data === undefined) tellOf('data', `others than ${provenance.data?.label}; the run is too old to know of each file`);
  else {
    const { others, missing } = otherFiles(hashes.data, files, each);
    const lacking = missing - others.length; // a file that has changed is no longer there as it was
    if (lacking > 0) tellOf('data', `${lacking} of the run's files are missing in ${source.folder}`);
    if (others.length > 0)
      tellOf(
        'data',
        `${others.length} of ${files.length} files ${lacking < 0 ? 'changed or added' : 'changed'}:${listed(others.map((file) => shownPath(path.join(source.folder, file))))}`,
      );
  }
  return same;
}

/** Weights in other files may be the same all the same. */
async function checkWeights({ provenance, hashes }: RunRecord, places: Places): Promise<boolean> {
  const options = { weights: places.weights ?? undefined, dataFolder: projectPath('data') };
  const own = places.weights === 'bundled' ? projectPath('data', 'model') : findWeights(projectPath('data', 'weights')).folders[0];
  const folder = places.weights === null || places.weights === 'bundled' ? own : places.weights;
  if (folder === undefined) throw unknownPlace('weights', provenance.weights?.label);
  const names = Object.keys(hashes.weights ?? {});
  const here = hashFiles(folder, names);
  const changed = names.filter((name) => here[name] !== hashes.weights?.[name]);
  const list = listed(changed.map((name) => shownPath(path.join(folder, name))));
  const same =
    (names.length > 0 && changed.length === 0) ||
    (await resolvePretrained(options).then(
      ({ sha256 }) => sha256 === provenance.weights?.sha256,
      () => false,
    ));
  if (changed.length > 0)
    tellOf('weights', `${same ? 'the same values, in other files' : `not those of ${provenance.weights?.label}`}:${list}`);
  else
    tellOf(
      'weights',
      same ? `the same, ${provenance.weights?.label}` : `others than ${provenance.weights?.label}; the run is too old to know of each file`,
    );
  return same;
}

function checkTeachers({ provenance }: RunRecord, { teachers }: Places): boolean {
  if (teachers === null) return true;
  const same = readTeachers(teachers).sha256 === provenance.teachers?.sha256;
  tellOf('teachers', `${same ? 'the same' : 'changed'}: ${shownPath(teachers)}`);
  return same;
}

/** Whether code, versions and machine are what trained the run last. */
function checkEnvironment({ provenance, hashes }: RunRecord, engine: string): boolean {
  const { trainedBy } = provenance;
  const { codeSha256, files } = hashCode();
  const [last, now] = [trainedBy.at(-1) ?? {}, environment(engine, batchParts(), codeSha256)];
  const before = hashes.code?.[last.codeSha256 ?? ''];
  const others = Object.keys({ ...before, ...files }).filter((file) => before?.[file] !== files[file]);
  if (!before) tellOf('code', `the run is too old to know of each file; it was trained by ${last.code}, and this is ${now.code}`);
  else
    tellOf(
      'code',
      others.length === 0
        ? `the same, ${Object.keys(files).length} files`
        : `${others.length} files differ from ${last.code}:${listed(others)}`,
    );
  const facts = ({ versions, machine, engine, threads }: Environment): Readonly<Record<string, string | undefined>> => ({
    ...versions,
    machine,
    engine,
    threads,
  });
  const [then, here] = [facts(last), facts(now)];
  const differing = Object.keys(here).filter((name) => then[name] !== here[name]);
  tellOf(
    'machine',
    differing.length === 0
      ? `the same versions, processor, engine and threads`
      : listed(differing.map((name) => `${name} ${then[name] ?? 'unknown'}, here ${here[name]}`)).trimStart(),
  );
  if (trainedBy.length > 1)
    tellOf('', `The run was trained in ${trainedBy.length} parts by differing code, versions or machines; these are the last part's.`);
  return others.length + differing.length === 0 && trainedBy.length === 1;
}

/** A run of the same configuration, trained to its end; one of that name that was stopped goes on. */
async function trainAgain(record: RunRecord, places: Places, name: string, call: string): Promise<RunRecord> {
  const config = { ...record.config, ...places };
  if (runExists(name) && !sameConfig({ ...openRunFolder(name).config, ...places }, config)) {
    throw new InputError(`outputs/${name}: made by another configuration than the report's. Choose another name with --run.`);
  }
  const onProgress = terminalProgress();
  const run = await (runExists(name) ? startRun(places, name, onProgress) : makeRun(config, name, onProgress));
  if (recordOf(run.folder).splitSha256 !== record.splitSha256) {
    throw new InputError(
      `${run.folder}: the code of today puts other faces on the two sides. Check out that which trained the run, and remove this folder.`,
    );
  }
  tell(`Training ${shownPath(run.folder)}`);
  const onEpoch = (epoch: RunRecord['history'][number]) => tell(describeEpoch(epoch));
  await interruptible(`To go on: ${call}`, (signal) => train(run, { signal, onProgress, onEpoch }));
  return recordOf(run.folder);
}

/** Says part by part what came of it, and answers whether it is the same: to the last digit, or where other machines round, within the tolerance. */
function tellVerdict(record: RunRecord, again: RunRecord, isSameHere: boolean): boolean {
  const { same, ageYears, genderPoints, outside } = compareRuns(record, again);
  const apart = (a: number, points: number) => `${years(a, 2)} and ${points.toFixed(1)} points`;
  tell(`Compared with run ${record.run}:`);
  tellOf('configuration', same.configuration ? 'identical' : 'differs');
  tellOf('split', same.split ? 'identical' : 'differs');
  tellOf(
    'history',
    same.history ? `identical, ${record.history.length} epochs` : `in any epoch at most ${apart(ageYears, genderPoints)} apart`,
  );
  tellOf(
    'weights',
    same.weights
      ? `identical, ${shortened(again.weightsSha256)}`
      : `${shortened(again.weightsSha256)}, ${shortened(record.weightsSha256)} before`,
  );
  const identical = Object.values(same).every(Boolean);
  const tolerated = [1, 2]
    .map((session) => toleranceOf(record, session))
    .map((most, index) => `session ${index + 1} within ${apart(most.ageYears, most.genderPoints)}`);
  const rounding = `${tolerated.join(', ')}, as far as rounding carries such runs apart`;
  if (identical) tell('Result: identical');
  else if (outside.length > 0) tell(`Result: another run. Expected ${rounding}. Outside of that:${listed(outside)}`);
  else if (isSameHere) tell(`Result: not identical, though nothing differs here that is known of; the same all the same: ${rounding}`);
  else tell(`Result: the same, not to the last digit: ${rounding}`);
  return identical || (outside.length === 0 && !isSameHere);
}

void runCommand('reproduce', process.argv.slice(2), async () => command);
