import { InputError } from '../../base/errors';
import { projectPath, shownPath } from '../../base/project';
import { findImages } from '../../images/find';
import { describePrediction, type ImagePrediction, openPredictor } from '../../predict';
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
    const predictions: ImagePrediction[] = [];
    for (const file of new Set(files)) {
      const prediction = await orRefused(predictor.predictImage(file));
      if (!prediction) continue;
      predictions.push({ ...prediction, file: shownPath(file) });
      if (!args.flag('json')) process.stdout.write(`${shownPath(file)}: ${describePrediction(prediction)}\n`);
    }
    predictor.dispose();
    if (args.flag('json')) process.stdout.write(`${JSON.stringify(predictions)}\n`);
    if (refused.length > 0) throw new InputError(refused.join('\n'));
  },
};
