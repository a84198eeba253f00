import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../../lib/base/errors';
import { projectPath } from '../../lib/base/project';
import { loadModel, saveModel } from '../../lib/model/model-folder';
import { openRunFolder } from '../../lib/run/run';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { YEARS_AS_THEY_ARE } from '../../lib/training/metrics';
import { encodeHalf } from './half';

/** Beside the weights: which images are on which side, and what each epoch measured. */
const BESIDE = [
  ['model/split-hashes.json', 'split-hashes.json'],
  ['history.json', 'history.json'],
] as const;

const command: Command = {
  summary: "Puts a run's model into data/model, at half precision: the one that predict and notebook 6 use.",
  options: { run: { type: 'string', value: 'name', help: 'name of a trained run below outputs/' } },
  needs: 'engine',
  async run(args) {
    const name = args.text('run');
    if (name === undefined) throw new InputError('npm run bundle -- --run <name>: name the run whose model is to be bundled.');
    const { folder } = openRunFolder(name);
    const { model, facts } = await loadModel(path.join(folder, 'model'));
    const target = projectPath('data', 'model');
    await saveModel(target, { full: model }, { scale: YEARS_AS_THEY_ARE, facts, float16: encodeHalf });
    for (const [from, to] of BESIDE) await copyFile(path.join(folder, from), path.join(target, to));
    process.stdout.write(`data/model now holds the model of ${name}. Score it: npm run evaluate -- --split run --data <its data>\n`);
  },
};

void runCommand('bundle', process.argv.slice(2), async () => command);
