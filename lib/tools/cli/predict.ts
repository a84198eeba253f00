import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../../base/errors';
import { terminalProgress } from '../../base/progress';
import { projectPath } from '../../base/project';
import { openPredictor } from '../../predict/open-predictor';
import { predictFiles } from '../../predict/predict-files';
import type { Framing } from '../../predict/predictor';
import { rowOf } from '../../predict/row';
import { shownPath } from '../paths';
import type { Command, CommandArguments } from './command';
import { type FoundPhoto, findPhotos } from './find-photos';
import { writeMarkedCopy } from './marked-copy';
import { append, CSV_HEADER, csvLines, jsonLines, readAnswers, tableLines, visible } from './prediction-lines';

const SCHEMA = 'lib/predict/row.schema.json';

export const command: Command = {
  summary: `Tells age and perceived gender of every face in photos. Exits with 0 if there was a face, 1 if there was none.`,
  positionals: '<photo, folder or pattern> …',
  options: {
    json: { type: 'boolean', help: `print lines of JSON, an object for each photo as ${SCHEMA} describes it` },
    csv: { type: 'boolean', help: 'print CSV, a line for each face' },
    to: { type: 'string', value: 'file', help: 'write there instead: lines of JSON, or CSV with --csv' },
    resume: { type: 'boolean', help: 'go on with the lines of JSON that --to <file> holds already' },
    out: { type: 'string', value: 'folder', help: 'write copies of the photos there, with boxes and answers drawn on them' },
    'min-face': { type: 'string', value: 'px', help: 'leave out faces that are narrower in the photo' },
    'flip-average': { type: 'boolean', help: 'the mean of the answers to each face and to its mirror image: better, at twice the work' },
    aligned: { type: 'boolean', help: "the files are faces framed as UTKFace's already: look for none, and take each file for one" },
    'whole-image': { type: 'boolean', help: 'look for no faces, and take each whole photo for one' },
    model: { type: 'string', value: 'folder', help: 'a model folder, such as outputs/<run>/model (default: data/model)' },
  },
  needs: 'nothing',
  async run(args) {
    const framing = framingOf(args);
    const [to, out] = [args.path('to'), args.path('out')];
    checkOutput(args, to);
    const options = { framing, minFacePx: minFacePx(args), flipAverage: args.flag('flip-average') };
    const { photos, remarks } = await findPhotos(args.positionals.length > 0 ? args.positionals : [projectPath('data', 'my image')]);
    for (const remark of remarks) process.stderr.write(`${visible(remark)}\n`);
    const names = photos.map(({ file }) => shownPath(file));
    const targets = out === undefined ? undefined : targetsOf(photos, out, args.flag('resume'));
    const answers = to !== undefined && args.flag('resume') ? readAnswers(to, names, framing) : [];
    const predictor = await openPredictor(args.path('model'));

    const linesOf = args.flag('csv') ? csvLines : args.flag('json') || to !== undefined ? jsonLines : tableLines(names);
    const write = to === undefined ? print : (text: string) => append(to, text);
    write(args.flag('csv') ? CSV_HEADER : '');
    const onProgress = photos.length > 1 ? terminalProgress() : undefined;
    let done = answers.length;
    let faces = answers.reduce((sum, row) => sum + row.faces.length, 0);
    try {
      const files = photos.map(({ file }) => file);
      for await (const answer of predictFiles(predictor, files, { ...options, skip: answers.length })) {
        const row = rowOf(answer, shownPath(answer.file));
        const target = targets?.get(answer.file);
        if (target !== undefined && row.error === undefined) await writeMarkedCopy(answer.file, row, target);
        write(linesOf(row));
        faces += row.faces.length;
        onProgress?.({ label: 'Predicting', done: ++done, total: photos.length, unit: 'photos' });
      }
    } finally {
      predictor.dispose();
    }
    if (faces === 0) process.exitCode = 1;
  },
};

function framingOf(args: CommandArguments): Framing {
  if (args.flag('aligned') && args.flag('whole-image')) throw new UsageError('--aligned and --whole-image: expected one of them.');
  return args.flag('aligned') ? 'aligned' : args.flag('whole-image') ? 'whole' : 'detected';
}

function minFacePx(args: CommandArguments): number | undefined {
  const typed = args.text('min-face');
  if (typed === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(typed)) throw new UsageError(`--min-face ${typed}: expected a number of pixels such as 40.`);
  return Number(typed);
}

/** What is written goes to one place in one form, and over nothing that is there. */
function checkOutput(args: CommandArguments, to: string | undefined): void {
  if (args.flag('json') && args.flag('csv')) throw new UsageError('--json and --csv: expected one of them.');
  if (args.flag('resume') && (to === undefined || args.flag('csv'))) throw new UsageError('--resume: expected --to <file>, without --csv.');
  if (to !== undefined && !args.flag('resume') && existsSync(to)) {
    throw new UsageError(`--to ${to}: is there already. Expected a new file, or --resume to go on with it.`);
  }
}

/** Where each photo's copy goes: its own name below the folder. A UsageError where it would lie over another or over a file that is there. */
function targetsOf(photos: readonly FoundPhoto[], folder: string, goesOn: boolean) {
  const targets = new Map(photos.map(({ file, below }) => [file, path.join(folder, below)]));
  const taken = new Set(goesOn ? photos.flatMap(({ file }) => (existsSync(file) ? [realpathSync(file)] : [])) : []);
  for (const target of targets.values()) {
    const there = existsSync(target) ? realpathSync(target) : undefined;
    if (taken.has(target) || (there !== undefined && (!goesOn || taken.has(there)))) {
      throw new UsageError(`--out ${folder}: ${visible(path.relative(folder, target))} would be written over. Expected an empty folder.`);
    }
    taken.add(target);
  }
  return targets;
}

/** Over the line of progress, where both are on one screen. */
function print(text: string): void {
  if (process.stdout.isTTY && process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(text);
}
