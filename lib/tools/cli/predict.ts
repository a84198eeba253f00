import { statSync } from 'node:fs';
import path from 'node:path';
import { glob } from 'glob';
import { InputError } from '../../base/errors';
import { projectPath } from '../../base/project';
import { IMAGE_NAME, listFiles } from '../../images/find';
import { describePrediction, openPredictor, type PhotoPrediction } from '../../predict/predictor';
import { callerPath, shownPath } from '../paths';
import type { Command } from './command';

export const command: Command = {
  summary: 'Tells age and perceived gender of a face: an aligned crop with some margin, as in UTKFace.',
  positionals: '<image, folder or pattern> …',
  options: {
    model: { type: 'string', value: 'folder', help: 'a model folder, such as outputs/<run>/model (default: data/model)' },
    json: { type: 'boolean', help: 'print one JSON list and nothing else' },
  },
  needs: 'engine',
  async run(args) {
    const refused: string[] = [];
    /** What is wrong with one place or photo is kept for the end: the others are answered all the same. */
    const orRefused = <T>(work: Promise<T>): Promise<T | undefined> =>
      work.catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        refused.push(error.message);
        return undefined;
      });
    const files: string[] = [];
    const places = args.positionals.length > 0 ? args.positionals : [projectPath('data', 'my image')];
    for (const place of places) files.push(...((await orRefused(findImages(place))) ?? []));
    const predictor = await openPredictor(args.path('model') ?? projectPath('data', 'model'), files.length);
    const predictions: PhotoPrediction[] = [];
    for (const file of new Set(files)) {
      const prediction = await orRefused(predictor.predictPhoto(file));
      if (!prediction) continue;
      predictions.push({ ...prediction, file: shownPath(file) });
      if (!args.flag('json'))
        process.stdout.write(`${shownPath(file)}: ${prediction.faces.map(describePrediction).join('; ') || 'no face'}\n`);
    }
    predictor.dispose();
    if (args.flag('json')) process.stdout.write(`${JSON.stringify(predictions)}\n`);
    if (refused.length > 0) throw new InputError(refused.join('\n'));
  },
};

/** Every image file that `typed` names, a file, folder or pattern as the caller wrote it: absolute paths, in order. Throws an InputError where there is none. */
export async function findImages(typed: string): Promise<readonly string[]> {
  const place = callerPath(typed);
  const information = statSync(place, { throwIfNoEntry: false });
  if (information && !information.isDirectory()) return [place];
  const shown = information ? listFiles(place).filter(({ file }) => IMAGE_NAME.test(file) && !/(?:^|\/)\./.test(file)) : [];
  const images = information ? shown.map(({ file }) => path.join(place, file)) : await matching(typed);
  if (images.length > 0) return images;
  throw new InputError(`${typed}: no image there. Expected a file, a folder of images, or a pattern such as "photos/*.jpg".`);
}

/** The folders that a pattern begins with and that are there are meant as they are, brackets included. */
async function matching(pattern: string): Promise<readonly string[]> {
  const parts = pattern.split('/');
  const folderOf = (count: number) => callerPath(`${parts.slice(0, count).join('/')}/`);
  let literal = 0;
  while (literal < parts.length - 1 && statSync(folderOf(literal + 1), { throwIfNoEntry: false })?.isDirectory()) literal++;
  const cwd = literal === 0 ? callerPath('.') : folderOf(literal);
  return (await glob(parts.slice(literal).join('/'), { cwd, absolute: true, nodir: true })).sort();
}
