/** The command: trains a run again from one page of its report, and says whether it comes out the same. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { batchParts } from '../../lib/base/engine';
import { InputError, UsageError } from '../../lib/base/errors';
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { sameConfig } from '../../lib/config';
import { type RunRecord, recordOf } from '../../lib/evaluation/run-record';
import { findWeights } from '../../lib/model/layers-folder';
import { makeRun, startRun } from '../../lib/run/data';
import { hashCode } from '../../lib/run/hashes';
import { environment } from '../../lib/run/provenance';
import { openRunFolder, readConfig, runExists } from '../../lib/run/run';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { describeEpoch } from '../../lib/tools/cli/runs';
import { ACCEPT_TERMS, readSettings, SETTING_OPTIONS } from '../../lib/tools/cli/settings';
import { callerPath, shownPath } from '../../lib/tools/paths';
import { interruptible } from '../../lib/training/interrupt';
import { requireTrainingEngine, train } from '../../lib/training/trainer';
import { checkCode, checkData, checkMachine, checkWeights, type Finding, type Places } from './check';
import { compareRuns, readRecord, toleranceText } from './compare';

const command: Command = {
  summary: 'Trains a run again from one page of its report, or from its folder, and says whether it comes out the same.',
  positionals: '<page of a report, or run folder>',
  options: {
    data: { ...SETTING_OPTIONS.data, help: "where the run's data lie on this machine; drawn faces need not be given" },
    weights: { ...SETTING_OPTIONS.weights, help: "where the weights that it began with lie; the course's own need not be given" },
    run: { type: 'string', value: 'name', help: 'what to call the new run (default: <run>-again); one that was stopped goes on' },
    check: { type: 'boolean', help: 'only check data, weights, code and machine' },
    'accept-terms': ACCEPT_TERMS,
  },
  needs: 'engine',
  async run(args) {
    const [typed, ...more] = args.positionals;
    if (typed === undefined || more.length > 0) throw new UsageError('Expected one page of a report, or one run folder.');
    const place = callerPath(typed);
    const record = requireWhole(readRecord(place), place);
    const { preset, imageSizePx, seed } = record.config;
    tell(`Run ${record.run}: ${preset}, ${imageSizePx} px, seed ${seed}, ended with the weights ${record.weightsSha256?.slice(0, 12)}`);
    const places = placesOf(record, place, await readSettings(args));
    const findings = await check(record, places);
    if (findings.some(({ what, same }) => !same && what !== 'code' && what !== 'machine')) {
      throw new InputError(`${shownPath(place)}: made of other data or weights, it would be another run. Nothing was trained.`);
    }
    if (args.flag('check')) return;
    const again = await trainAgain(record, places, args.text('run') ?? `${record.run}-again`, `npm run reproduce -- ${typed}`);
    tellVerdict(record, again, findings);
  },
};

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

/** Of what it lists, the first ten. */
function tellOf(what: string, text: string, list: readonly string[] = []): void {
  tell(`  ${what.padEnd(14)} ${text}${list.length > 0 ? ':' : ''}`);
  for (const item of list.slice(0, 10)) tell(`    ${item}`);
  if (list.length > 10) tell(`    and ${list.length - 10} more`);
}

/** Throws an InputError for a run that nobody can make again, or not yet. */
function requireWhole(record: RunRecord, place: string): RunRecord {
  const { run, config, weightsSha256, provenance, history } = record;
  if (provenance.soup) throw new InputError(`${place}: the weights of run ${run} are a mean of others'. Reproduce ${provenance.soup[0]}.`);
  const isTrained = history.length === config.sessions.reduce((sum, { epochs }) => sum + epochs, 0);
  if (isTrained && weightsSha256 !== undefined && provenance.data && provenance.weights) return record;
  const finish = `npm run train -- --run ${run}, then npm run report -- --run ${run}`;
  throw new InputError(`${place}: run ${run} was not finished when this was written. Finish it first: ${finish}`);
}

/** As given, else where the run's folder says, else where they usually lie. Throws an InputError where nobody can know. */
function placesOf({ provenance }: RunRecord, place: string, given: Partial<Places>): Places & { readonly weights: string } {
  const own: Partial<Places> = existsSync(path.join(place, 'config.json')) ? readConfig(place) : {};
  const ask = (what: keyof Places, label: string | undefined) =>
    new InputError(`The ${what} of this run are ${label}. Where they lie on this machine has to be said: --${what} <path>`);
  const data = given.data ?? own.data ?? (provenance.data?.kind === 'drawn' ? 'drawn' : null);
  if (data === null && !existsSync(projectPath('data', 'UTKFace'))) throw ask('data', provenance.data?.label);
  const usual = provenance.weights?.kind === 'bundled' ? 'bundled' : findWeights(projectPath('data', 'weights')).folders[0];
  const weights = [given.weights, own.weights].find((named) => named && named !== 'download') ?? usual; // fetched by now, they lie there
  if (weights === undefined) throw ask('weights', provenance.weights?.label);
  return { data, weights };
}

/** Tells each as it is found, the code first: where it has changed, the rest may fail. */
async function check(record: RunRecord, places: Places & { readonly weights: string }): Promise<readonly Finding[]> {
  const { weights } = places;
  const checks = [
    () => checkCode(record),
    () => checkData(record, places, { onProgress: terminalProgress() }),
    () => checkWeights(record, weights, weights === 'bundled' ? projectPath('data', 'model') : weights),
    async () => checkMachine(record, environment(await requireTrainingEngine(), batchParts(), hashCode().codeSha256)),
  ];
  const findings: Finding[] = [];
  for (const check of checks) {
    const found = await check();
    findings.push(found);
    tellOf(found.what, found.text, found.others.map(shownPath));
  }
  return findings;
}

/** A run of the same configuration, trained to its end; one of that name that was stopped goes on. */
async function trainAgain(record: RunRecord, places: Places, name: string, call: string): Promise<RunRecord> {
  const config = { ...record.config, ...places };
  if (runExists(name) && !sameConfig({ ...openRunFolder(name).config, ...places }, config)) {
    throw new InputError(`outputs/${name}: a run of another configuration is there. Choose another name with --run.`);
  }
  const onProgress = terminalProgress();
  const run = await (runExists(name) ? startRun(places, name, onProgress) : makeRun(config, name, onProgress));
  if (recordOf(run.folder).splitSha256 !== record.splitSha256) {
    const doInstead = 'Check out the code that trained the run, remove this folder, and try again';
    throw new InputError(`${shownPath(run.folder)}: the code of today divides the faces in another way. ${doInstead}.`);
  }
  tell(`Training ${shownPath(run.folder)}`);
  const onEpoch = (epoch: RunRecord['history'][number]) => tell(describeEpoch(epoch));
  await interruptible(`To go on: ${call}`, (signal) => train(run, { signal, onProgress, onEpoch }));
  return recordOf(run.folder);
}

/** Part by part, and last what it comes to; the exit code is 1 where that is neither the same nor what rounding explains. */
function tellVerdict(record: RunRecord, again: RunRecord, findings: readonly Finding[]): void {
  const { same, apart, outside } = compareRuns(record, again);
  const hash = again.weightsSha256?.slice(0, 12);
  tell(`Run ${again.run} beside run ${record.run}:`);
  tellOf('configuration', same.configuration ? 'identical' : 'differs');
  tellOf('split', same.split ? 'identical' : 'differs');
  tellOf('history', same.history ? `identical in every digit, ${again.history.length} epochs` : `at most ${apart} apart in any epoch`);
  tellOf('weights', same.weights ? `identical, ${hash}` : `others, ${hash}`);
  const identical = Object.values(same).every(Boolean);
  const rounds = outside.length === 0 && findings.some((finding) => !finding.same);
  if (!identical && !rounds) process.exitCode = 1;
  if (identical) tell('Result: identical');
  else if (rounds) tell(`Result: the same but for rounding, which differs between processors and versions: ${toleranceText(record)}`);
  else if (outside.length === 0) tell('Result: not identical, though all that is known of is the same here');
  else tellOf('Result', `another run. Rounding alone keeps ${toleranceText(record)}. Outside of that are`, outside);
}

void runCommand('reproduce', process.argv.slice(2), async () => command);
