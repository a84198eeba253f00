/** `npm run compare`: two models on the same faces, and whether the difference is more than chance. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError, UsageError } from '../../lib/base/errors';
import { terminalProgress } from '../../lib/base/progress';
import { streamFor } from '../../lib/base/random';
import { grouped } from '../../lib/base/text';
import { buildCatalog } from '../../lib/data/catalog';
import type { Face } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { type ScoredFace, type Scores, scoreFaces, summarise } from '../../lib/evaluation/evaluate';
import { loadFacts } from '../../lib/model/model-folder';
import { openPredictor } from '../../lib/predict/open-predictor';
import { openRunFolder, readConfig } from '../../lib/run/run';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { callerPath } from '../../lib/tools/paths';
import { differenceOf, facesForBoth, signed } from './difference';

const command: Command = {
  summary: 'Scores two models on faces that judge both, and says whether the difference is more than chance.',
  positionals: '<run or model folder> <another>',
  options: { data: { type: 'string', value: 'path', help: 'folder, .tar.gz or .zip (default: the data of the first run)' } },
  needs: 'nothing',
  async run(args) {
    const names = args.positionals;
    if (names.length !== 2) throw new UsageError(`npm run compare -- ${names.join(' ')}: expected two runs or model folders.`);
    const folders = names.map(modelFolderOf);
    const run = path.dirname(folders[0]);
    const data = args.path('data') ?? (existsSync(path.join(run, 'config.json')) ? readConfig(run).data : undefined);
    const onProgress = terminalProgress();
    const catalog = await buildCatalog(await openSource(data ?? undefined, { onProgress }), { onProgress });
    const faces = facesForBoth(folders, catalog);
    const both = names.join(' and ');
    const seen = `${catalog.source.label}: every face is one that ${both} have learned from between them.`;
    if (faces.length === 0) throw new InputError(`${seen} Expected others; give them as --data.`);
    const answers: ScoredFace<Face>[][] = [];
    for (const folder of folders) {
      const predictor = await openPredictor(folder);
      answers.push(await scoreFaces(predictor, catalog, faces, onProgress).finally(() => predictor.dispose()));
    }
    const [first, second] = folders.map((folder, index) => summarise(answers[index], folder, loadFacts(folder).baseline));
    const difference = differenceOf(answers, catalog, streamFor(1, 'compare'));
    const say = (what: string, unit: string, measure: keyof Scores, factor: number, digits: number) => {
      const estimate = difference[measure];
      if (!estimate) return `${what}: no faces\n`;
      const { value, low, high } = estimate;
      const [own, other, always] = [first, second, first.baseline].map((scores) => (factor * Number(scores[measure])).toFixed(digits));
      const [apart, from, to] = [value, low, high].map((figure) => signed(factor * figure, digits));
      const verdict = low > 0 || high < 0 ? 'real, 0 lies outside' : 'may be chance, 0 lies inside';
      return `${what}, ${unit}: ${own} and ${other}; always the median age and one gender: ${always}
  second minus first: ${apart}, 95 % interval ${from} to ${to}: ${verdict}\n`;
    };
    process.stdout.write(
      `${grouped(faces.length)} faces, from which neither ${names.join(' nor ')} has learned.\n` +
        say('age MAE', 'years', 'ageMaeYears', 1, 2) +
        say('gender accuracy', '%', 'genderAccuracy', 100, 1) +
        'Another seed of either training would move these figures as well; that is not in the intervals.\n',
    );
  },
};

/** Throws an InputError for what is neither a folder with a model nor the name of a run. */
function modelFolderOf(name: string): string {
  const folder = callerPath(name);
  return existsSync(path.join(folder, 'model.json')) ? folder : path.join(openRunFolder(name).folder, 'model');
}

void runCommand('compare', process.argv.slice(2), async () => command);
