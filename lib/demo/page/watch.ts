/**
 * What happens to a frame of the camera, as MediaPipe does it: the whole is searched now and then, in between each face is followed by
 * its mesh alone. The model has one look at each face, and what is told is the mean of the last second's looks.
 */
import { detect } from '../../faces/detector';
import { wholeWindows } from '../../faces/finder';
import { layMeshes, type Mesh, placeOf, squareAround } from '../../faces/mesh';
import { answersOf } from '../../predict/answer';
import { LOOKS } from '../../predict/predictor';
import type { Camera } from './camera';
import { lookAt, QUESTIONS } from './look';
import type { PageModel } from './open-predictor';
import type { ShownFace } from './stage';
import { type Laid, Tracker } from './tracker';

const LEAST_SCORE = 0.5;
/** The frame is searched also in the middle of so many times as much. */
const CANVAS = 1.6;
/** No more looks are begun in a frame after that: of many faces some wait for the next, since those that move between frames get lost. */
const MOST_MS = 100;

/** Calls `show` after each frame until the camera is off. */
export async function watch(model: PageModel, camera: Camera, show: (faces: readonly ShownFace[]) => void): Promise<void> {
  const { detector, mesh, reader } = model;
  const tracker = new Tracker();
  while (camera.isOn) {
    await camera.next();
    if (!camera.isOn) return;
    const photo = await reader.open(camera.canvas);
    const nowMs = performance.now();
    if (tracker.isSearchDue(nowMs)) tracker.searched(await detect(detector, photo, wholeWindows(photo, 0, CANVAS), LEAST_SCORE), nowMs);
    tracker.placed((await layMeshes(mesh, photo, tracker.laid)).map(laid), nowMs);
    for (const face of [...tracker.faces].sort((a, b) => a.lookedMs - b.lookedMs)) {
      if (performance.now() - nowMs > MOST_MS) break;
      // Sizes and mirror images take turns: in a photo all of them are looked at.
      const frame = { ...face.frame, sidePx: face.frame.sidePx * LOOKS[face.looks % LOOKS.length] };
      const { outputs, places } = await lookAt(model, photo, frame, face.looks % 2 === 1);
      tracker.looked(face, [...outputs, ...places], nowMs);
    }
    if (!camera.isOn) return;
    const seen = tracker.faces.filter(({ looks }) => looks > 0);
    show(
      seen.map(({ number, shown, means }) => {
        const outputs = means.slice(0, -QUESTIONS.length);
        return { ...shown, number, answer: answersOf(model.facts, outputs)[0], places: means.slice(-QUESTIONS.length) };
      }),
    );
  }
}

function laid(mesh: Mesh): Laid {
  return { ...placeOf(mesh), presence: mesh.presence, square: squareAround(mesh) };
}
