import { InputError } from '../../base/errors';
import { projectPath } from '../../base/project';
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
    const places = args.positionals.length > 0 ? args.positionals : [projectPath('data', 'my image')];
    const files = await findImages(places);
    const predictor = await openPredictor(args.text('model') ?? projectPath('data', 'model'), files.length);
    const predictions: ImagePrediction[] = [];
    const refused: string[] = [];
    for (const file of files) {
      try {
        const prediction = await predictor.predictImage(file);
        predictions.push(prediction);
        if (!args.flag('json')) process.stdout.write(`${file}: ${describePrediction(prediction)}\n`);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        refused.push(error.message);
      }
    }
    predictor.dispose();
    if (args.flag('json')) process.stdout.write(`${JSON.stringify(predictions)}\n`);
    if (refused.length > 0) throw new InputError(refused.join('\n'));
  },
};
