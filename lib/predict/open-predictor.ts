/** Opens a saved model as what predicts from files. */
import { projectPath } from '../base/project';
import { frameFace } from '../faces/crop';
import { openFaceFinder } from '../faces/open-finder';
import { openPhoto, openSquare } from '../images/decode';
import { openForward } from '../model/forward';
import { loadModel } from '../model/model-folder';
import { type ImageReader, Predictor } from './predictor';

const FILES: ImageReader<string | Buffer> = { open: openPhoto, square: openSquare, frame: frameFace, openFinder: openFaceFinder };

/** Loads the model in `folder`, the one that comes with the course if not given; the caller disposes the predictor. */
export async function openPredictor(folder = projectPath('data', 'model')): Promise<Predictor> {
  const { facts, model } = await loadModel(folder);
  const forward = await openForward(model);
  const dispose = () => {
    forward.dispose();
    model.dispose();
  };
  return new Predictor(facts, { ...forward, dispose }, FILES);
}
