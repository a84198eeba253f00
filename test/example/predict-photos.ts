/** The library in a program of your own: `npx tsx test/example/predict-photos.ts photo.jpg …` prints a line for each photo. */
import { describePrediction, openPredictor, predictFiles } from '../../lib/index';

async function main(files: readonly string[]): Promise<void> {
  const predictor = await openPredictor();
  for await (const { file, faces, error } of predictFiles(predictor, files)) {
    console.log(`${file}: ${error ?? (faces.map(describePrediction).join('; ') || 'no face')}`);
  }
  predictor.dispose();
}

void main(process.argv.slice(2));
