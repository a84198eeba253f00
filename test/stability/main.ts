/** `npm run stability`: how much the answers change when the same faces are saved and framed in twelve ways. */
import path from 'node:path';
import { UsageError } from '../../lib/base/errors';
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { shuffled, streamFor } from '../../lib/base/random';
import { percent } from '../../lib/base/text';
import { buildCatalog } from '../../lib/data/catalog';
import { openSource } from '../../lib/data/source';
import { openPredictor } from '../../lib/predict/open-predictor';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { readBinnedPhotos } from '../binned-photos';
import { validationSide } from '../validation-side';
import { type Stability, stabilityOf } from './stability';

const FACES = { data: 500, photos: 200 };

const command: Command = {
  summary: 'Saves and frames the same faces in twelve ways, and says how far the answers are apart.',
  options: {
    model: { type: 'string', value: 'folder', help: 'a model folder (default: data/model)' },
    data: { type: 'string', value: 'path', help: `UTKFace; ${FACES.data} faces of the model's validation side are drawn` },
    photos: {
      type: 'string',
      value: 'folder',
      help: `photos with a labels.csv, of which ${FACES.photos} are drawn; faces are found in each`,
    },
    json: { type: 'boolean', help: 'print one JSON object and nothing else' },
  },
  needs: 'nothing',
  async run(args) {
    const folder = args.path('model') ?? projectPath('data', 'model');
    const [data, photos] = [args.path('data'), args.path('photos')];
    if (data === undefined && photos === undefined) throw new UsageError('expected --data or --photos.');
    const predictor = await openPredictor(folder);
    const progress = terminalProgress();
    const drawn = (files: readonly string[], count: number) => shuffled(files, streamFor(1, 'stability')).slice(0, count);
    const judge = (files: readonly string[], framing: 'aligned' | 'detected') =>
      stabilityOf(predictor, files, { framing }, (done) => progress({ label: 'Judging', done, total: files.length, unit: 'pictures' }));
    const results: Record<string, Stability> = {};
    if (data !== undefined)
      results['validation faces of UTKFace'] = await judge(drawn(await validationFiles(folder, data), FACES.data), 'aligned');
    if (photos !== undefined)
      results.photos = await judge(
        drawn(
          readBinnedPhotos(photos).map(({ file }) => file),
          FACES.photos,
        ),
        'detected',
      );
    predictor.dispose();
    process.stdout.write(args.flag('json') ? `${JSON.stringify(results)}\n` : Object.entries(results).map(textOf).join('\n'));
  },
};

async function validationFiles(modelFolder: string, data: string): Promise<readonly string[]> {
  const catalog = await buildCatalog(await openSource(data));
  return validationSide(modelFolder, catalog).map(({ file }) => path.join(catalog.source.folder, file));
}

function textOf([title, { faces, medianRangeYears, meanRangeYears, flips, byVariant }]: [string, Stability]): string {
  const head = `${faces} ${title}: median range ${medianRangeYears.toFixed(2)} years, mean ${meanRangeYears.toFixed(2)}, gender flips ${percent(flips)}\n`;
  const rows = byVariant.map((row) => {
    return `  ${row.name.padEnd(36)}${row.meanShiftYears.toFixed(2).padStart(7)}${row.meanChangeYears.toFixed(2).padStart(7)}${percent(row.flips).padStart(8)}\n`;
  });
  return head + rows.join('');
}

void runCommand('stability', process.argv.slice(2), async () => command);
