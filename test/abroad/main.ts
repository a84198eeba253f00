/** `npm run abroad`: one model on the data that it was judged by and on photos from elsewhere, as a page. */
import { InputError, UsageError } from '../../lib/base/errors';
import { writeFileAtomically } from '../../lib/base/files';
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { buildCatalog } from '../../lib/data/catalog';
import { openSource } from '../../lib/data/source';
import { clusterOf } from '../../lib/data/split';
import { scoreFaces } from '../../lib/evaluation/evaluate';
import { openPredictor } from '../../lib/predict/open-predictor';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { chooseRecords, framedCatalog } from '../../lib/tools/cli/evaluate';
import { shownPath } from '../../lib/tools/paths';
import { abroadPage, type Side } from './abroad';

const command: Command = {
  summary: 'Says what a model claims on the faces that it was judged by, and what it does on photos from elsewhere.',
  options: {
    model: { type: 'string', value: 'folder', help: 'a model folder (default: data/model)' },
    data: { type: 'string', value: 'path', help: 'the data that the model was made from; the validation side recorded with it is judged' },
    photos: {
      type: 'string',
      value: 'path',
      help: 'whole photos with a labels.csv (file, age_lo, age_hi, gender); the central face of each is judged',
    },
    page: { type: 'string', value: 'file.html', help: 'the page that is written' },
  },
  needs: 'nothing',
  async run(args) {
    const model = args.path('model') ?? projectPath('data', 'model');
    const [data, photos, page] = [args.path('data'), args.path('photos'), args.path('page')];
    if (photos === undefined || page === undefined) throw new UsageError('expected --photos and --page.');
    const onProgress = terminalProgress();
    const home = await buildCatalog(await openSource(data, { onProgress }), { onProgress });
    const records = chooseRecords(home, model, 'run');
    const given = await buildCatalog(await openSource(photos, { onProgress }), { onProgress });
    if (!given.usable.some(({ ageRangeYears }) => ageRangeYears))
      throw new InputError(`${photos}: no age is a range. Expected a labels.csv with the columns file, age_lo, age_hi, gender.`);
    const framed = await framedCatalog(given, onProgress);
    const predictor = await openPredictor(model);
    try {
      const sideOf = async (title: string, catalog: typeof home, faces: typeof records, photos?: number): Promise<Side> => {
        const cluster = clusterOf(catalog);
        return {
          title,
          whole: photos !== undefined,
          pictures: photos ?? faces.length,
          answers: await scoreFaces(predictor, catalog, faces, onProgress),
          clusterOf: ({ record }) => cluster(record),
        };
      };
      const sides = [
        await sideOf(`at home: ${home.source.label}, validation side`, home, records),
        await sideOf(`abroad: ${given.source.label}`, framed, framed.usable, given.usable.length),
      ] as const;
      const facts = { model: shownPath(model), 'data at home': home.sha256, 'data abroad': given.sha256, 'looks at each face': 1 };
      await writeFileAtomically(page, abroadPage(...sides, predictor.facts.baseline, facts));
      process.stdout.write(`${shownPath(page)}\n`);
    } finally {
      predictor.dispose();
    }
  },
};

void runCommand('abroad', process.argv.slice(2), async () => command);
