/** The page: what is chosen, dropped, pasted or filmed is looked at, and what the model says is shown. */
import * as tf from '@tensorflow/tfjs';
import type { Prediction } from '../../predict/answer';
import type { About } from '../about';
import { type Camera, openCamera } from './camera';
import type { Picture } from './draw';
import { element } from './element';
import { openEngine } from './engine';
import { lookAt, QUESTIONS } from './look';
import { openModel } from './open-predictor';
import { jsonOf } from './payload';
import { onPhotos } from './photos';
import { type ShownFace, Stage } from './stage';
import { watch } from './watch';
import { cameraFailure, engineFailure, found, noCameraHere, photoFailure, summary, WORDS } from './words';
import { leadOf, worthOf } from './worth';

/** So often answers from the camera are written anew, since nobody can read numbers that change with each frame; and so often read aloud. */
const EVERY_MS = { written: 300, readAloud: 5000, pace: 1000 } as const;
/** Photos are shown with no more pixels each way, whatever they are looked at with. */
const SHOWN_PX = 2048;

const stage = new Stage();
const button = element('camera', HTMLButtonElement);
/** Counts what was begun: what is not the last any more has nothing to show. */
let turn = 0;
let camera: Camera | undefined;

function say(text: string, isFailure = false): void {
  const status = element('status');
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle('note', isFailure);
}

function reveal(isShown: boolean): void {
  for (const id of ['view', 'where']) element(id).hidden = !isShown;
  for (const id of ['framing', 'pace', 'aloud']) element(id).textContent = '';
  if (!isShown) stage.clear();
}

/** Ends what is going on; the number of what begins now. */
function begin(): number {
  camera?.stop();
  camera = undefined;
  button.textContent = 'Use the camera';
  reveal(false);
  return ++turn;
}

function end(text: string, isFailure = false): void {
  begin();
  say(text, isFailure);
}

const opened = (async () => {
  const about = jsonOf<About>('about-json');
  element('lead').textContent = leadOf(about);
  element('worth').append(...worthOf(about).map((textContent) => Object.assign(document.createElement('p'), { textContent })));
  await new Promise((resolve) => setTimeout(resolve)); // the page is seen before the model is opened
  await openEngine();
  return openModel();
})();

/** The model, or nothing where it does not open, which is said. */
async function openedModel() {
  try {
    return await opened;
  } catch (error) {
    return end(engineFailure(error), true);
  }
}

async function pictureOf(file: Blob): Promise<Picture> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const zoom = Math.min(1, SHOWN_PX / Math.max(width, height));
  const source = new OffscreenCanvas(Math.ceil(width * zoom), Math.ceil(height * zoom));
  const context = source.getContext('2d');
  if (!context) throw new RangeError('no memory for a canvas');
  context.fillStyle = '#fff'; // behind what is transparent, as the model is shown it
  context.fillRect(0, 0, source.width, source.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, source.width, source.height);
  bitmap.close();
  return { source, widthPx: width, heightPx: height, mirrored: false };
}

async function takePhoto([file, ...others]: readonly File[]): Promise<void> {
  const own = begin();
  const isLast = () => own === turn;
  say(WORDS.looking);
  const model = await openedModel();
  try {
    if (!model || !isLast()) return;
    const picture = await pictureOf(file);
    if (!isLast()) return;
    reveal(true);
    stage.show(picture, []);
    const { faces, framing } = await model.predictor.predictImage(file);
    if (!isLast()) return;
    let shown: ShownFace[] = faces.map((face, index) => ({ ...face, number: index + 1, answer: face, places: [] }));
    stage.show(picture, shown);
    if (framing === 'aligned') element('framing').textContent = WORDS.aligned;
    say(shown.length > 0 ? found(shown, others.length) : WORDS.noFace);
    element('aloud').textContent = summary(shown);
    const photo = await model.reader.open(file);
    for (const face of shown) {
      const { places } = await lookAt(model, photo, face.frame);
      if (!isLast()) return;
      shown = shown.map((one) => (one.number === face.number ? { ...one, places } : one));
      stage.show(picture, shown);
    }
  } catch (error) {
    const words = await photoFailure(error, file);
    if (isLast()) end(words, true);
  }
}

async function useCamera(): Promise<void> {
  if (camera) return end(WORDS.cameraOff);
  const own = begin();
  if (!navigator.mediaDevices?.getUserMedia) return say(noCameraHere(isSecureContext), true);
  say(WORDS.opening);
  try {
    const taken = await openCamera(() => own === turn && end(WORDS.unplugged, true));
    if (own !== turn) return taken.stop();
    camera = taken;
    button.textContent = 'Stop the camera';
    say(WORDS.cameraOn);
    const model = await openedModel();
    if (model) await watch(model, taken, showLive(taken));
  } catch (error) {
    if (own === turn) end(cameraFailure(error), true);
  }
}

/** What is done with each frame of the camera. */
function showLive({ canvas }: Camera): (faces: readonly ShownFace[]) => void {
  const startMs = performance.now();
  const doneMs = { written: 0, readAloud: startMs - EVERY_MS.readAloud / 2, pace: startMs };
  let written: ReadonlyMap<number, Prediction> = new Map();
  let frames = 0;
  const isDue = (what: keyof typeof doneMs) => {
    const nowMs = performance.now();
    const isNow = nowMs - doneMs[what] >= EVERY_MS[what];
    if (isNow) doneMs[what] = nowMs;
    return isNow;
  };
  return (faces) => {
    frames++;
    if (element('view').hidden) reveal(true);
    if (isDue('written')) written = new Map(faces.map(({ number, answer }) => [number, answer]));
    const shown = faces.map((face) => ({ ...face, answer: written.get(face.number) ?? face.answer }));
    stage.show({ source: canvas, widthPx: canvas.width, heightPx: canvas.height, mirrored: true }, shown);
    if (isDue('readAloud')) {
      say(faces.length > 0 ? WORDS.cameraOn : WORDS.nobody);
      element('aloud').textContent = summary(shown);
    }
    const elapsedMs = performance.now() - doneMs.pace;
    if (!isDue('pace')) return;
    const pace = element('pace');
    pace.textContent = `${((1000 * frames) / elapsedMs).toFixed(0)} pictures a second`;
    pace.dataset.tensors = String(tf.memory().numTensors);
    frames = 0;
  };
}

function blend(): void {
  const strength = element('strength', HTMLInputElement);
  const question = element('of-age', HTMLInputElement).checked ? 'age' : 'gender';
  [element('below').textContent, element('above').textContent] = question === 'age' ? ['younger', 'older'] : ['male', 'female'];
  strength.ariaValueText = `${strength.value} %`;
  stage.blend(strength.valueAsNumber / 100, QUESTIONS.indexOf(question));
}

onPhotos((files) => void takePhoto(files));
button.addEventListener('click', () => void useCamera());
element('where').addEventListener('input', blend);
document.addEventListener('visibilitychange', () => document.hidden && camera && end(WORDS.hidden));
addEventListener('pagehide', () => begin());
void openedModel().then((model) => model && turn === 0 && say(WORDS.ready));
