import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../../lib/base/errors';
import { writeFileAtomically } from '../../lib/base/files';
import { terminalProgress } from '../../lib/base/progress';
import { projectPath } from '../../lib/base/project';
import { buildCatalog } from '../../lib/data/catalog';
import { shortHash } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { encodeHalf } from '../../lib/demo/half';
import { openPixelCache } from '../../lib/images/pixel-cache';
import { calibrateModel, halvesOf } from '../../lib/model/calibration';
import { loadModel, readSplitHashes, saveModel } from '../../lib/model/model-folder';
import { openRunFolder } from '../../lib/run/run';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { meanFace } from './mean-face';

/** Beside the weights: which images are on which side, and what was measured by each epoch and at the end. */
const BESIDE = [
  ['model/split-hashes.json', 'split-hashes.json'],
  ['history.json', 'history.json'],
  ['metrics.json', 'metrics.json'],
] as const;

const TARGET = projectPath('data', 'model');
/** Of the halves of the validation side, one of which calibrates. */
const SEED = 1;

const command: Command = {
  summary: "Puts a run's model into data/model, at half precision: the one that predict and notebook 6 use. Or calibrates what is there.",
  options: {
    run: { type: 'string', value: 'name', help: 'name of a trained run below outputs/ (default: the model stays)' },
    data: {
      type: 'string',
      value: 'path',
      help: 'what it was trained with: half of its validation side calibrates its age intervals anew; the mean face is of the other side',
    },
  },
  needs: 'engine',
  async run(args) {
    const [name, data] = [args.text('run'), args.path('data')];
    if (name === undefined && data === undefined) {
      throw new InputError(
        'npm run bundle -- --run <name>: name the run whose model is to be bundled, or --data to calibrate the one that is.',
      );
    }
    const folder = name === undefined ? undefined : openRunFolder(name).folder;
    const { model, facts } = await loadModel(folder ? path.join(folder, 'model') : TARGET);
    await saveModel(TARGET, { full: model }, { facts, float16: encodeHalf });
    if (folder) for (const [from, to] of BESIDE) await copyFile(path.join(folder, from), path.join(TARGET, to));
    if (data !== undefined) await calibrateWith(data, facts.sizePx);
    process.stdout.write(
      `data/model now holds ${name ? `the model of ${name}` : 'its model, calibrated'}. Score it: npm run evaluate -- --split run --data <its data>\n`,
    );
  },
};

async function calibrateWith(data: string, sizePx: number): Promise<void> {
  const onProgress = terminalProgress();
  const catalog = await buildCatalog(await openSource(data, { onProgress }), { onProgress });
  const split = readSplitHashes(TARGET);
  const recordsOf = (side: 'training' | 'validation') => {
    const hashes = new Set(split[side]);
    const records = catalog.records.filter(({ sha256 }) => hashes.has(shortHash(sha256)));
    if (records.length < hashes.size)
      throw new InputError(`${data}: ${hashes.size - records.length} ${side} faces of the model are not in it.`);
    return records;
  };
  const validation = recordsOf('validation');
  const { calibrating } = halvesOf(validation, catalog, SEED);
  const pixels = await openPixelCache(catalog.source.folder, calibrating, sizePx, onProgress);
  await calibrateModel(TARGET, calibrating, pixels, encodeHalf).finally(() => pixels.close());
  const files = recordsOf('training').map(({ file }) => path.join(catalog.source.folder, file));
  await writeFileAtomically(path.join(TARGET, 'mean-face.jpg'), await meanFace(files));
}

void runCommand('bundle', process.argv.slice(2), async () => command);
