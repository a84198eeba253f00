/** `npm run download`, and what other commands fetch for the word `download`. */
import { InputError } from '../../base/errors';
import { terminalProgress } from '../../base/progress';
import { projectPath, shownPath } from '../../base/project';
import type { Settings } from '../../config';
import { namesIn } from '../disk';
import { downloadUtkFace } from '../download/utkface';
import type { Command, CommandArguments } from './command';

export const command: Command = {
  summary: 'Fetches what the course may not carry: "utkface", the faces, or "weights", a MobileNetV2 trained on ImageNet.',
  positionals: '<utkface|weights>',
  options: {
    'accept-terms': { type: 'boolean', help: 'you have read the terms of UTKFace, which this command shows, and agree' },
  },
  needs: 'nothing',
  async run(args) {
    const [what, ...rest] = args.positionals;
    if (rest.length > 0 || (what !== 'utkface' && what !== 'weights')) {
      throw new InputError(`npm run download -- ${args.positionals.join(' ')}: expected one of utkface, weights.`);
    }
    if (what === 'weights') {
      process.stdout.write(`${shownPath(await fetchWeights())}\nEvery new run starts from these weights.\n`);
    } else {
      const file = shownPath(await fetchFaces(args));
      const first = fetchedWeights().length > 0 ? '' : ' (and first: npm run download -- weights)';
      process.stdout.write(`${file}\nUse it: npm run walkthrough -- --preset classic --data "${file}"${first}\n`);
    }
  },
};

/** Fetches what is named by the word `download`, so that it lies where the library looks for it. */
export async function fetchNamed({ data, weights }: Pick<Settings, 'data' | 'weights'>, args: CommandArguments): Promise<void> {
  if (data === 'download') await fetchFaces(args);
  if (weights === 'download' && fetchedWeights().length === 0) await fetchWeights();
}

function fetchFaces(args: CommandArguments): Promise<string> {
  const folder = projectPath('data', 'cache');
  return downloadUtkFace({ acceptTerms: args.flag('accept-terms'), folder, onProgress: terminalProgress() });
}

async function fetchWeights(): Promise<string> {
  const [{ ensureSetup }, { downloadWeights }] = await Promise.all([import('../setup'), import('../download/weights')]);
  await ensureSetup('engine'); // they are proved by what the network makes of them
  return downloadWeights({ folder: weightsFolder(), onProgress: terminalProgress() });
}

const weightsFolder = (): string => projectPath('data', 'weights');

/** The names of the weights that are here, whole. */
export function fetchedWeights(): readonly string[] {
  return namesIn(weightsFolder()).filter((name) => !name.endsWith('.part'));
}
