/** `npm run download`, and what other commands fetch for the word `download` or import before a run can take it. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import { terminalProgress } from '../../base/progress';
import { projectPath } from '../../base/project';
import type { Settings } from '../../config';
import { UTKFACE_ARCHIVE } from '../../data/source';
import { findWeights } from '../../model/layers-folder';
import { downloadFile } from '../download/download';
import { shownPath } from '../paths';
import { type Command, type CommandArguments, placeOf } from './command';

export const command: Command = {
  summary: 'Fetches what the course may not carry: "utkface", the faces, or "weights", a MobileNetV2 trained on ImageNet.',
  positionals: '<utkface|weights>',
  options: {
    from: { type: 'string', value: 'file', help: 'a Keras .h5 that you have: makes the folder for --weights of it, and fetches nothing' },
    'accept-terms': { type: 'boolean', help: 'you have read the terms of UTKFace, which this command shows, and agree' },
  },
  needs: 'nothing',
  async run(args) {
    const [what, ...rest] = args.positionals;
    if (rest.length > 0 || (what !== 'utkface' && what !== 'weights')) {
      throw new InputError(`npm run download -- ${args.positionals.join(' ')}: expected one of utkface, weights.`);
    }
    const from = args.path('from');
    if (from !== undefined && what !== 'weights') throw new InputError(`--from ${from}: only "npm run download -- weights" takes it.`);
    if (from !== undefined) {
      const folder = shownPath(await imported(from, IMPORTED));
      process.stdout.write(`${folder}\nUse it: npm run walkthrough -- --weights "${folder}"\n`);
    } else if (what === 'weights') {
      process.stdout.write(`${shownPath(await fetchWeights())}\nEvery new run starts from these weights.\n`);
    } else {
      const file = shownPath(await fetchFaces(args.flag('accept-terms')));
      const first = fetchedWeights().length > 0 ? '' : ' (and first: npm run download -- weights)';
      process.stdout.write(`${file}\nUse it: npm run walkthrough -- --preset classic --data "${file}"${first}\n`);
    }
  },
};

/**
 * Data and weights as the library takes them: what is named by the word `download` is fetched, so that it lies where it is
 * looked for; the folder made of it stands for a Keras file.
 */
export async function withFetched(settings: Settings, args: CommandArguments): Promise<Settings> {
  const [data, weights] = [settings.data, settings.weights].map(placeOf);
  if (data === 'download') await fetchFaces(args.flag('accept-terms'));
  if (weights === 'download' && fetchedWeights().length === 0) await fetchWeights();
  const isKeras = typeof weights === 'string' && /\.(h5|hdf5)$/i.test(weights);
  return { ...settings, data, weights: isKeras ? await imported(weights, IMPORTED) : weights };
}

/** The aligned and cropped faces: 23,708 JPEG files of 200 x 200. They never come with the course. */
const UTKFACE = {
  url: 'https://huggingface.co/datasets/py97/UTKFace-Cropped/resolve/main/UTKFace.tar.gz',
  bytes: 106_634_631,
  sha256: '2c0655397b498e81b82d685ee74bee8c2e4364a5897caf3afec6ea48929024a7',
};

const UTKFACE_TERMS = `UTKFace (Zhang, Song and Qi, CVPR 2017; https://susanqq.github.io/UTKFace) may be used for non-commercial research only.
The images were collected from the Internet; their copyright stays with their owners, who may ask for their removal.
Do not pass the images on. Models trained on them inherit these terms. The file is 107 MB, from ${new URL(UTKFACE.url).host}.
`;

/**
 * Shows the terms of UTKFace, fetches the archive from this or another mirror into the folder and answers its path. Throws an
 * InputError where the terms are not accepted.
 */
export async function fetchFaces(acceptTerms: boolean, folder = projectPath('data', 'cache'), url = UTKFACE.url): Promise<string> {
  const file = path.join(folder, UTKFACE_ARCHIVE);
  // Fetched and checked before, which only happens once the terms are accepted.
  if (statSync(file, { throwIfNoEntry: false })?.size === UTKFACE.bytes) return file;
  process.stderr.write(UTKFACE_TERMS);
  if (!acceptTerms) throw new InputError('UTKFace was not downloaded: read the terms above and add --accept-terms if you agree.');
  await downloadFile({ ...UTKFACE, url, file, onProgress: terminalProgress() });
  return file;
}

/** A Keras file that lies there already, whoever put it there, is not fetched again. */
async function fetchWeights(): Promise<string> {
  return imported(findWeights(weightsFolder()).kerasFiles[0] ?? (await fetchKerasFile()), '.');
}

/** Apache-2.0, trained by Google on ImageNet. No checksum of it is published; its length is, by Keras's own progress bar. */
const KERAS_WEIGHTS = {
  url: 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5',
  bytes: 9_406_464,
};

/**
 * Fetches the weights from where Keras itself takes them, or from another mirror, into the folder and answers the file's path.
 * Throws an InputError where the file is another one; nothing is kept then.
 */
export async function fetchKerasFile(folder = weightsFolder(), url = KERAS_WEIGHTS.url): Promise<string> {
  const [{ ensureSetup }, { verifyWeights }] = await Promise.all([import('../setup'), import('../download/weights')]);
  await ensureSetup('engine'); // they are proved by what the network makes of them
  const file = path.join(folder, path.basename(KERAS_WEIGHTS.url));
  await downloadFile({ ...KERAS_WEIGHTS, url, file, verify: verifyWeights, onProgress: terminalProgress() });
  return file;
}

/** Below data/weights, but hidden: a file that one run was given is not what others start from. */
const IMPORTED = '.imported';

async function imported(file: string, place: string): Promise<string> {
  const { importKerasWeights } = await import('../download/keras-h5');
  return importKerasWeights(file, path.join(weightsFolder(), place));
}

const weightsFolder = (): string => projectPath('data', 'weights');

/** The folders of weights that are here, whole; new runs start from the first. */
export function fetchedWeights(): readonly string[] {
  return findWeights(weightsFolder()).folders.map((folder) => path.relative(weightsFolder(), folder) || '.');
}
